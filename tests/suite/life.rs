//! The life of an order, over HTTP and WebSocket.

use serde_json::{Value, json};

use crate::harness::{App, id_of, order, people, stored};

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_placed_carried_and_delivered_and_everybody_hears_it() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let driver = app.client(people::driver("d1")).await;
    let mut watching = app.live(&merchant).await;
    watching.subscribe("merchant:m1").await;

    let created = merchant.create(&order("m1", "c1")).await;
    let body = created.expect(201);
    let id = body["id"].as_str().unwrap();
    assert_eq!(created.header("location"), format!("/orders/{id}"));
    assert_eq!(created.header("etag"), "\"1\"");
    merchant.assign(id, "d1").await.expect(200);
    for status in ["picked_up", "in_transit", "delivered"] {
        assert_eq!(driver.move_to(id, status).await.expect(200)["status"], status);
    }

    let received = watching.events(5).await;
    let history = merchant.history(id).await.expect(200);
    let recorded: Vec<Value> = history["events"].as_array().unwrap().clone();
    let of = |event: &Value| {
        let mut event = event.clone();
        event.as_object_mut().unwrap().remove("order_id");
        event
    };
    assert_eq!(received.iter().map(of).collect::<Vec<_>>(), recorded);
    let versions: Vec<_> = recorded.iter().map(|event| event["version"].clone()).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5].map(|version| json!(version)));
    assert_eq!(recorded[4]["actor"], json!({ "role": "driver", "id": "d1" }));
    let delivered = merchant.order(id).await.expect(200);
    assert_eq!((&delivered["phase"], &delivered["version"]), (&json!("delivered"), &json!(5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_is_shipped_by_its_merchant_and_comes_back() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let mut body = order("m1", "c1");
    body["workflow"] = json!("parcel");
    let id = id_of(&merchant.create(&body).await.expect(201));
    merchant.assign(&id, "d1").await.problem(409, "transition-not-allowed");
    customer.move_to(&id, "processing").await.problem(403, "forbidden");
    for status in ["processing", "shipped", "delivery_failed", "shipped", "returning", "returned"] {
        assert_eq!(merchant.move_to(&id, status).await.expect(200)["status"], status);
    }
    assert_eq!(stored::checked(&app, &id).await, 7);
    let seen = customer.order(&id).await.expect(200);
    assert_eq!((&seen["workflow"], &seen["phase"]), (&json!("parcel"), &json!("returned")));
}
