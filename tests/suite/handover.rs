//! The handover code, which the customer tells the driver at the door.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, id_of, order, people, stored};
use crate::race::conflicts_now_and_then;

const CODE: &str = "47110815";

fn named(code: &str) -> Value {
    json!({ "proof": { "code": code } })
}

/// Creates an order of m1 for c1 that requires the code, and brings it in transit with d1.
async fn in_transit(app: &App) -> String {
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["handover_code"] = json!(CODE);
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    for status in ["picked_up", "in_transit"] {
        ops.move_to(&id, status).await.expect(200);
    }
    id
}

async fn deliver(driver: &Client, id: &str, body: &Value) -> Response {
    driver.operate(id, "deliver", body).await
}

/// Returns the number of refused codes in the order's history.
async fn refusals(client: &Client, id: &str) -> usize {
    let history = client.history(id).await.expect(200);
    let events = history["events"].as_array().expect("events").iter();
    events.filter(|event| event["type"] == "handover_refused").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_alone_sees_the_code() {
    let app = App::start().await;
    let everybody = [
        people::ops(),
        people::support(),
        people::merchant("m1"),
        people::store("m1", "s1"),
        people::driver("d1"),
        people::customer("m1", "c1"),
    ];
    let merchant = app.client(people::merchant("m1")).await;
    let mut body = order("m1", "c1");
    (body["store"], body["handover_code"]) = (json!("s1"), json!(CODE));
    let created = merchant.create(&body).await;
    let id = id_of(&created.expect(201));
    assert_eq!(created.json()["handover"], json!({ "tries_left": 5 }));
    merchant.assign(&id, "d1").await.expect(200);
    app.relayed().await;
    let mut listening = Vec::new();
    for person in everybody {
        let client = app.client(person.clone()).await;
        let mut live = app.live(&client).await;
        live.subscribe(&format!("order:{id}")).await;
        listening.push((person, client, live));
    }
    let driver = app.client(people::driver("d1")).await;
    for status in ["picked_up", "in_transit"] {
        driver.move_to(&id, status).await.expect(200);
    }
    let wrong = deliver(&driver, &id, &named("00000000")).await;
    let right = deliver(&driver, &id, &named(CODE)).await;
    right.expect(200);
    app.relayed().await;
    for (person, client, mut live) in listening {
        let is_theirs = person["role"] == "customer";
        let seen = client.order(&id).await;
        assert_eq!(seen.text.contains(CODE), is_theirs, "{person}: {}", seen.text);
        let code = if is_theirs { json!(CODE) } else { Value::Null };
        assert_eq!(seen.json()["handover"]["code"], code);
        let (list, history) = (client.get("/orders").await, client.history(&id).await);
        let received = live.until_pong().await;
        let events = received.iter().map(|frame| frame["events"].as_array().expect("events").len());
        assert_eq!(events.sum::<usize>(), 4, "{received:?}");
        for text in [list.text, history.text, json!(received).to_string()] {
            assert!(!text.contains(CODE), "{person}: {text}");
        }
    }
    for response in [created, wrong, right] {
        assert!(!response.text.contains(CODE), "{response:?}");
    }
    for table in ["OrdersTable", "OrderHistoryTable"] {
        assert!(!format!("{:?}", stored::items(&app, table).await).contains(CODE), "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_handed_over_to_whoever_names_its_code() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let id = in_transit(&app).await;
    for body in [Value::Null, json!({}), json!({ "proof": {} }), named("123"), named("1234x")] {
        let problem = deliver(&driver, &id, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "/proof/code", "{body}");
    }
    assert_eq!(stored::checked(&app, &id).await, 4, "none of that was a try");
    let customer = app.client(people::customer("m1", "c1")).await;
    deliver(&customer, &id, &named(CODE)).await.problem(403, "forbidden");

    let body = json!({ "proof": { "code": CODE, "note": "to a neighbour" } });
    assert_eq!(deliver(&driver, &id, &body).await.expect(200)["status"], "delivered");
    let history = customer.history(&id).await.expect(200);
    let proof = json!({ "proof": { "code": "verified", "note": "to a neighbour" } });
    assert_eq!(history["events"][4]["data"], proof);
    assert_eq!(stored::checked(&app, &id).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_a_code_takes_none() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    for status in ["picked_up", "in_transit"] {
        ops.move_to(&id, status).await.expect(200);
    }
    assert!(ops.order(&id).await.expect(200)["handover"].is_null());
    let problem = deliver(&ops, &id, &named(CODE)).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/proof/code");
    deliver(&ops, &id, &Value::Null).await.expect(200);
}

/// The event is that of the operation.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_status_delivers_what_needs_no_code() {
    let app = App::start().await;
    let ops = app.ops().await;
    let coded = in_transit(&app).await;
    let owned = ops.change_status(&coded, "delivered").await.problem(409, "owned-by-operation");
    assert_eq!(owned["operation"], "deliver");
    let id = app.place_order().await;
    for status in ["picked_up", "in_transit", "delivered"] {
        ops.change_status(&id, status).await.expect(200);
    }
    let history = ops.history(&id).await.expect(200);
    let delivered = &history["events"][3];
    assert_eq!(
        (&delivered["type"], &delivered["data"]),
        (&json!("delivered"), &json!({ "proof": {} }))
    );
    assert!(ops.order(&id).await.expect(200)["delivered_at"].is_string());
    assert_eq!(stored::checked(&app, &id).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_is_an_event_and_after_five_only_ops_deliver() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let id = in_transit(&app).await;
    for (version, left) in [(5, 4), (6, 3), (7, 2), (8, 1), (9, 0)] {
        let wrong = deliver(&driver, &id, &named("0815")).await;
        let problem = wrong.problem(422, "wrong-handover-code");
        assert_eq!((&problem["tries_left"], &problem["version"]), (&json!(left), &json!(version)));
        assert_eq!(wrong.header("etag"), format!("\"{version}\""));
        let order = driver.order(&id).await.expect(200);
        assert_eq!((&order["status"], &order["version"]), (&json!("in_transit"), &json!(version)));
        assert_eq!(order["handover"], json!({ "tries_left": left }));
    }
    for code in ["0815", CODE] {
        let locked = deliver(&driver, &id, &named(code)).await;
        locked.problem(409, "handover-locked");
        assert_eq!(locked.header("etag"), "\"9\"");
    }
    assert_eq!(refusals(&driver, &id).await, 5);
    assert_eq!(stored::checked(&app, &id).await, 9);

    let ops = app.ops().await;
    deliver(&ops, &id, &Value::Null).await.expect(200);
    let history = ops.history(&id).await.expect(200);
    assert_eq!(history["events"][9]["data"], json!({ "proof": { "code": "waived" } }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_wrong_try_counts_once() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let id = in_transit(&app).await;
    let path = format!("/orders/{id}/deliver");
    let send =
        async |key: &str, code: &str| driver.keyed(Method::POST, &path, key, &named(code)).await;
    let first = send("k1", "0000").await;
    assert_eq!(first.problem(422, "wrong-handover-code")["tries_left"], 4);
    assert_eq!(first.header("idempotent-replayed"), "");
    send("k2", "1111").await.problem(422, "wrong-handover-code");
    for _ in 0..5 {
        let again = send("k1", "0000").await;
        assert_eq!((again.status, &again.text), (422, &first.text));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_eq!(again.header("idempotent-replayed"), "true");
    }
    send("k1", CODE).await.problem(422, "key-reused");
    assert_eq!(refusals(&driver, &id).await, 2);

    send("k3", CODE).await.expect(200);
    let again = send("k1", "0000").await;
    assert_eq!((again.status, &again.text), (422, &first.text), "as it was then");
    assert_eq!(send("k3", CODE).await.header("idempotent-replayed"), "true");
    assert_eq!(stored::checked(&app, &id).await, 7);
}

/// However many guesses come at once, only five count.
#[tokio::test(flavor = "multi_thread")]
async fn guesses_that_race_are_five_at_most() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    conflicts_now_and_then(&app);
    for _ in 0..10 {
        let id = in_transit(&app).await;
        let guesses = (0..16).map(|n| {
            let (driver, id) = (&driver, &id);
            async move { deliver(driver, id, &named(&format!("{n:04}"))).await }
        });
        let responses = join_all(guesses).await;
        let (wrong, locked): (Vec<_>, Vec<_>) =
            responses.iter().partition(|response| response.status == 422);
        let mut left: Vec<_> = wrong
            .iter()
            .map(|it| it.problem(422, "wrong-handover-code")["tries_left"].clone())
            .collect();
        left.sort_unstable_by_key(Value::as_u64);
        assert_eq!(left, [0, 1, 2, 3, 4].map(|left| json!(left)));
        for response in locked {
            response.problem(409, "handover-locked");
        }
        deliver(&driver, &id, &named(CODE)).await.problem(409, "handover-locked");
        assert_eq!(refusals(&driver, &id).await, 5);
        assert_eq!(stored::checked(&app, &id).await, 9);
    }
}

/// Concurrent requests with one idempotency key are one attempt.
#[tokio::test(flavor = "multi_thread")]
async fn one_wrong_try_raced_by_many_is_one() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let id = in_transit(&app).await;
    let path = format!("/orders/{id}/deliver");
    let body = named("0000");
    let tries = (0..16).map(|_| driver.keyed(Method::POST, &path, "k", &body));
    let responses = join_all(tries).await;
    for response in &responses {
        assert_eq!(response.problem(422, "wrong-handover-code")["tries_left"], 4);
    }
    let replayed = responses.iter().filter(|it| it.header("idempotent-replayed") == "true");
    assert_eq!(replayed.count(), 15);
    assert_eq!(stored::checked(&app, &id).await, 5);
}
