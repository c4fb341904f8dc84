//! The life of an order, over HTTP and WebSocket.

use serde_json::{Value, json};

use crate::harness::{App, id_of, issue, order, people, stored};

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

/// Every step has a name, also those that a change of status makes.
#[tokio::test(flavor = "multi_thread")]
async fn every_step_has_a_name() {
    let app = App::start().await;
    let ops = app.ops().await;
    let because = json!({ "reason": "lost" });
    for (workflow, steps) in [
        ("courier", &["pickup picked_up", "depart in_transit", "deliver delivered"][..]),
        ("courier", &["pickup picked_up", "depart in_transit", "fail failed"]),
        ("parcel", &["process processing", "pickup shipped", "cancel cancelled"]),
    ] {
        let mut body = order("m1", "c1");
        body["workflow"] = json!(workflow);
        let id = id_of(&ops.create(&body).await.expect(201));
        for (operation, status) in steps.iter().map(|it| it.split_once(' ').unwrap()) {
            let body = match operation {
                "fail" | "cancel" => &because,
                _ => &Value::Null,
            };
            let moved = ops.operate(&id, operation, body).await.expect(200);
            assert_eq!(moved["status"], status, "{operation}");
        }
        let history = ops.history(&id).await.expect(200);
        let last = &history["events"].as_array().unwrap()[3];
        if steps[2] == "deliver delivered" {
            assert_eq!(last["type"], "delivered");
        } else {
            assert_eq!((&last["type"], &last["data"]), (&last["status"], &because));
        }
    }
    let id = app.place_order().await;
    for operation in ["cancel", "fail"] {
        let problem = ops.operate(&id, operation, &Value::Null).await;
        assert_eq!(problem.problem(422, "invalid-fields")["errors"][0]["pointer"], "/reason");
    }
}

/// A retry is no error, even without an `Idempotency-Key`, after other events, or by the other
/// request. The reason is for its author, and for those who read reasons.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_cancelled_twice_by_the_same_person() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = app.place_order().await;
    let because = json!({ "reason": "ordered twice" });
    let cancelled = customer.operate(&id, "cancel", &because).await;
    assert_eq!(cancelled.expect(200)["status"], "cancelled");
    let again = customer.operate(&id, "cancel", &json!({ "reason": "as I said" })).await;
    assert_eq!((again.expect(200), again.header("etag")), (cancelled.json(), "\"2\""));

    for _ in 0..5 {
        customer.operate(&id, "issues", &issue("low")).await.expect(200);
    }
    for _ in 0..5 {
        app.ops().await.operate(&id, "issues", &issue("low")).await.expect(200);
    }
    for again in [
        customer.operate(&id, "cancel", &because).await,
        customer.change_status(&id, "cancelled").await,
    ] {
        assert_eq!(
            (again.expect(200)["status"].as_str(), again.header("etag")),
            (Some("cancelled"), "\"12\"")
        );
    }
    assert_eq!(stored::checked(&app, &id).await, 12);

    let merchant = app.client(people::merchant("m1")).await;
    let late =
        merchant.operate(&id, "cancel", &because).await.problem(409, "transition-not-allowed");
    assert_eq!((&late["order_status"], &late["allowed"]), (&json!("cancelled"), &json!([])));
    let mut partner = people::customer("m1", "c1");
    partner["id"] = json!("partner");
    let partner = app.client(partner).await;
    partner.operate(&id, "cancel", &because).await.problem(409, "transition-not-allowed");
    for (client, reads) in [(&customer, true), (&merchant, true), (&partner, false)] {
        let history = client.history(&id).await.expect(200);
        assert_eq!(history["events"][1]["type"], "cancelled");
        let reason = if reads { json!("ordered twice") } else { Value::Null };
        assert_eq!(history["events"][1]["data"]["reason"], reason);
    }
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
