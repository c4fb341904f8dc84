//! A wrong delivery, which operations put right.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, Client, grocery, id_of, people, stored};

/// Creates a grocery order of store s1 of m1 for c1 and delivers it with d1.
async fn delivered(app: &App, external_id: &str) -> String {
    let ops = app.ops().await;
    let mut body = grocery("m1", "s1", "c1");
    body["external_id"] = json!(external_id);
    let id = id_of(&ops.create(&body).await.expect(201));
    for operation in ["acknowledge", "start-picking", "ready"] {
        ops.operate(&id, operation, &Value::Null).await.expect(200);
    }
    ops.assign(&id, "d1").await.expect(200);
    for operation in ["pickup", "depart", "deliver"] {
        ops.operate(&id, operation, &Value::Null).await.expect(200);
    }
    id
}

fn because() -> Value {
    json!({ "reason": "wrong door" })
}

async fn lists(client: &Client, query: &str, id: &str) -> bool {
    let list = client.get(&format!("/orders?{query}")).await.expect(200);
    list["orders"].as_array().expect("orders").iter().any(|order| order["id"] == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_heard_of_a_wrong_delivery_hears_that_it_is_put_right() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = delivered(&app, "e1").await;
    app.relayed().await;
    let own = format!("order:{id}");
    let people = [
        (people::ops(), vec!["orders", own.as_str()]),
        (people::merchant("m1"), vec!["merchant:m1", own.as_str()]),
        (people::store("m1", "s1"), vec!["store:m1:s1", own.as_str()]),
        (people::driver("d1"), vec!["driver:d1", own.as_str()]),
        (people::customer("m1", "c1"), vec!["customer:m1:c1", own.as_str()]),
    ];
    let mut listening = Vec::new();
    for (person, topics) in people {
        let client = app.client(person).await;
        assert!(!lists(&client, "", &id).await);
        for topic in topics {
            let mut live = app.live(&client).await;
            live.subscribe(topic).await;
            listening.push((topic.to_owned(), live));
        }
    }
    let reopened = ops.operate(&id, "reopen", &because()).await;
    let order = reopened.expect(200);
    assert_eq!((&order["status"], &order["phase"]), (&json!("in_transit"), &json!("on_the_way")));
    assert!(order["delivered_at"].is_null() && order["picked_up_at"].is_string());
    assert!(order["deadline"].is_string(), "it has the time limit of its status again");
    app.relayed().await;
    for (topic, mut live) in listening {
        let mut messages = live.until_pong().await;
        messages.retain(|message| message["events"][0]["order_id"] == id);
        let [message] = &messages[..] else { panic!("{topic}: {messages:?}") };
        assert_eq!(message["events"][0]["type"], "reopened", "{topic}");
        assert_eq!(message["orders"][0]["status"], "in_transit", "{topic}");
    }
    let driver = app.client(people::driver("d1")).await;
    for client in [&ops, &driver] {
        assert!(lists(client, "", &id).await);
    }
    assert!(!lists(&ops, "state=closed&status=delivered", &id).await);
    assert!(lists(&ops, "status=in_transit", &id).await);
    assert!(driver.order(&id).await.expect(200)["customer"]["contact"].is_string());

    let mut again = grocery("m1", "s1", "c1");
    again["external_id"] = json!("e1");
    ops.create(&again).await.problem(409, "external-id-taken");
    driver.operate(&id, "deliver", &Value::Null).await.expect(200);
    assert!(lists(&ops, "state=closed&status=delivered", &id).await);
    let timeline = ops.get(&format!("/orders/{id}/timeline")).await.expect(200);
    let stages = timeline["stages"].as_array().expect("stages");
    assert_eq!(stages.iter().filter(|stage| stage["status"] == "in_transit").count(), 2);
    stored::checked(&app, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_reopened_or_erased_and_not_both() {
    let app = App::start().await;
    let ops = app.ops().await;
    let race = async |n: usize| {
        let id = delivered(&app, &format!("e{n}")).await;
        let path = format!("/orders/{id}/details");
        let body = because();
        let (reopen, erase) = (
            ops.operate(&id, "reopen", &body),
            ops.send(ops.request(reqwest::Method::DELETE, &path)),
        );
        let (reopened, erased) = futures_util::join!(reopen, erase);
        match (reopened.status, erased.status) {
            (200, 409) => drop(erased.problem(409, "order-open")),
            (409, 200) => drop(reopened.problem(409, "order-erased")),
            _ => panic!("{reopened:?} {erased:?}"),
        }
        stored::checked(&app, &id).await;
    };
    join_all((0..10).map(race)).await;
    let id = delivered(&app, "erased").await;
    let path = format!("/orders/{id}/details");
    ops.send(ops.request(reqwest::Method::DELETE, &path)).await.expect(200);
    let problem = ops.operate(&id, "reopen", &because()).await.problem(409, "order-erased");
    assert_eq!(problem["order_status"], "delivered");
}
