//! The life of a grocery order: stores that acknowledge or reject it, and a driver.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Stopped, grocery, id_of, people, removed, stored};

/// Returns the type and status of each event that the client may see.
async fn visible_events(client: &Client, id: &str) -> Vec<(String, String)> {
    let history = client.history(id).await.expect(200);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let events = history["events"].as_array().expect("events").iter();
    events.map(|event| (text(&event["type"]), text(&event["status"]))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_one_store_rejects_goes_to_another() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let (first, second) =
        (app.client(people::store("m1", "s1")).await, app.client(people::store("m1", "s2")).await);
    let (mut at_first, mut at_second) = (app.live(&first).await, app.live(&second).await);
    at_first.subscribe("store:m1:s1").await;
    at_second.subscribe("store:m1:s2").await;

    let created = merchant.create(&grocery("m1", "s1", "c1")).await.expect(201);
    let id = id_of(&created);
    assert_eq!((&created["status"], &created["version"]), (&json!("store_notified"), &json!(2)));
    assert_eq!(at_first.events(2).await[1]["actor"]["role"], "system");

    let path = format!("/orders/{id}/reject");
    let body = json!({ "reason": "the oven is broken", "reassign_to": "s2" });
    let reject = async || first.keyed(Method::POST, &path, "k", &body).await;
    let rejected = reject().await;
    assert_eq!((rejected.status, rejected.header("etag")), (204, "\"4\""));
    assert_eq!(at_first.next().await, removed(&id, 4));
    let received = at_second.events(2).await;
    assert_eq!(
        (&received[0]["type"], &received[0]["version"]),
        (&json!("store_rejected"), &json!(3))
    );
    assert_eq!(received[1]["data"], json!({ "store": "s2" }));

    let taken = second.operate(&id, "acknowledge", &Value::Null).await.expect(200);
    assert_eq!((&taken["status"], &taken["store"]), (&json!("store_acknowledged"), &json!("s2")));
    app.relayed().await;
    assert_eq!(at_first.until_pong().await, [] as [Value; 0], "what follows is not for the first");
    first.order(&id).await.problem(404, "not-found");
    first.history(&id).await.problem(404, "not-found");
    first.operate(&id, "acknowledge", &Value::Null).await.problem(404, "not-found");
    assert_eq!(first.get("/orders").await.expect(200)["orders"], json!([]));
    assert_eq!(id_of(&second.get("/orders").await.expect(200)["orders"][0]), id);
    let again = reject().await;
    assert_eq!((again.status, again.header("etag")), (204, "\"4\""));
    assert_eq!(again.header("idempotent-replayed"), "true");

    let events = visible_events(&customer, &id).await;
    let events: Vec<_> =
        events.iter().map(|(kind, status)| (kind.as_str(), status.as_str())).collect();
    assert_eq!(
        events,
        [
            ("created", "submitted"),
            ("status_changed", "store_notified"),
            ("store_rejected", "store_rejected"),
            ("store_reassigned", "store_notified"),
            ("status_changed", "store_acknowledged"),
        ]
    );
    assert!(!customer.history(&id).await.text.contains("oven"), "why, the customer is not told");
    assert_eq!(stored::checked(&app, &id).await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_order_waits_for_another_store_and_not_for_the_same() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let id = id_of(&merchant.create(&grocery("m1", "s1", "c1")).await.expect(201));
    let same = json!({ "reason": "closed", "reassign_to": "s1" });
    let refused = merchant.operate(&id, "reject", &same).await.problem(409, "already-assigned");
    assert_eq!(refused["store"], "s1");
    assert_eq!(merchant.order(&id).await.expect(200)["version"], 2, "nothing of it is done");

    let rejected = merchant.operate(&id, "reject", &json!({ "reason": "closed" })).await;
    assert_eq!(rejected.expect(200)["status"], "store_rejected");
    let to =
        async |store: &str| merchant.operate(&id, "reassign", &json!({ "store": store })).await;
    to("s1").await.problem(409, "already-assigned");
    let reassigned = to("s2").await.expect(200);
    assert_eq!(
        (&reassigned["status"], &reassigned["store"]),
        (&json!("store_notified"), &json!("s2"))
    );
    assert_eq!(stored::checked(&app, &id).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_keeps_the_time_of_each_step() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let clerk = app.client(people::store("m1", "s1")).await;
    let driver = app.client(people::driver("d1")).await;
    let id = id_of(&clerk.create(&grocery("m1", "s1", "c1")).await.expect(201));
    for (who, operation, stamp) in [
        (&clerk, "acknowledge", "store_acknowledged_at"),
        (&clerk, "start-picking", "picking_started_at"),
        (&clerk, "ready", "picking_completed_at"),
        (&clerk, "assign", "driver_assigned_at"),
        (&driver, "pickup", "picked_up_at"),
        (&driver, "in_transit", "updated_at"),
        (&driver, "deliver", "delivered_at"),
    ] {
        time.forward(60);
        assert!(stamp == "updated_at" || who.order(&id).await.json()[stamp].is_null());
        let response = match operation {
            "in_transit" => who.move_to(&id, operation).await,
            "assign" => who.assign(&id, "d1").await,
            _ => who.operate(&id, operation, &Value::Null).await,
        };
        let order = response.expect(200);
        assert_eq!(order[stamp], order["updated_at"], "{operation}: {order}");
        assert_eq!(order["status_since"], order["updated_at"]);
    }
    let order = clerk.order(&id).await.expect(200);
    let times = ["store_acknowledged_at", "picking_started_at", "picking_completed_at"]
        .into_iter()
        .chain(["driver_assigned_at", "picked_up_at", "delivered_at"])
        .map(|stamp| order[stamp].as_str().expect("a time"));
    assert!(times.is_sorted_by(|one, next| one < next), "{order}");
    assert_eq!(stored::checked(&app, &id).await, 9);
}

/// A driver who loses a grocery order receives its removal, and nothing after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_whose_order_goes_to_another_loses_sight_of_it() {
    let app = App::start().await;
    let clerk = app.client(people::store("m1", "s1")).await;
    let driver = app.client(people::driver("d1")).await;
    let id = id_of(&clerk.create(&grocery("m1", "s1", "c1")).await.expect(201));
    for operation in ["acknowledge", "start-picking", "ready"] {
        clerk.operate(&id, operation, &Value::Null).await.expect(200);
    }
    let mut live = app.live(&driver).await;
    live.subscribe("driver:d1").await;
    clerk.assign(&id, "d1").await.expect(200);
    assert_eq!(live.events(1).await[0]["type"], "driver_assigned");
    driver.order(&id).await.expect(200);

    clerk.replace_driver(&id, "d2").await.expect(200);
    assert_eq!(live.next().await, removed(&id, 7));
    app.client(people::driver("d2")).await.operate(&id, "pickup", &Value::Null).await.expect(200);
    app.relayed().await;
    assert_eq!(live.until_pong().await, [] as [Value; 0]);
    driver.operate(&id, "pickup", &Value::Null).await.problem(404, "not-found");
    driver.history(&id).await.problem(404, "not-found");
}
