//! Assigning orders to drivers who have a roster, and to those who have none.

use reqwest::Method;
use serde_json::json;

use super::{on_duty, orders_of, register, set_duty};
use crate::harness::{App, id_of, order, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_has_at_most_its_capacity_unless_operations_insist() {
    let app = App::start().await;
    on_duty(&app, "d1", 1).await;
    let (merchant, ops) = (app.client(people::merchant("m1")).await, app.ops().await);
    let first = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    let second = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    merchant.assign(&first, "d1").await.expect(200);
    assert_eq!(orders_of(&app, "d1").await, std::slice::from_ref(&first));
    let full = merchant.assign(&second, "d1").await.problem(409, "driver-unavailable");
    assert_eq!(full["driver"], "d1");
    assert_eq!(orders_of(&app, "d1").await, std::slice::from_ref(&first));

    ops.assign(&second, "d1").await.expect(200);
    let history = merchant.history(&second).await.expect(200);
    assert_eq!(history["events"][1]["data"], json!({ "driver": "d1", "despite": "full" }));
    let seen = app.client(people::driver("d1")).await.history(&second).await.expect(200);
    assert_eq!(seen["events"][1]["data"], json!({ "driver": "d1" }), "it is not the driver's");
    let mut both = vec![first.clone(), second.clone()];
    both.sort();
    assert_eq!(orders_of(&app, "d1").await, both);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_off_duty_gets_no_order_and_one_with_orders_stays_on_duty() {
    let app = App::start().await;
    let (merchant, ops) = (app.client(people::merchant("m1")).await, app.ops().await);
    register(&ops, &json!({ "driver": "d1" })).await.expect(201);
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    merchant.assign(&id, "d1").await.problem(409, "driver-unavailable");
    let own = app.client(people::driver("d1")).await;
    set_duty(&own, "d1", &json!({ "on_duty": true })).await.expect(200);
    merchant.assign(&id, "d1").await.expect(200);
    set_duty(&own, "d1", &json!({ "on_duty": false })).await.problem(409, "driver-busy");
    super::delete(&ops, "d1").await.problem(409, "driver-busy");
    let force = json!({ "on_duty": false, "force": true });
    assert_eq!(set_duty(&ops, "d1", &force).await.expect(200)["orders"], json!([id]));
    for status in ["picked_up", "in_transit", "delivered"] {
        ops.move_to(&id, status).await.expect(200);
    }
    assert!(orders_of(&app, "d1").await.is_empty());
    super::delete(&ops, "d1").await.expect(204);
}

/// A driver who is registered again has a new roster, which never counted the orders of before.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_reopened_after_its_driver_was_deleted_is_nobodys_load() {
    let app = App::start().await;
    let ops = app.ops().await;
    on_duty(&app, "d1", 1).await;
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    for status in ["picked_up", "in_transit", "delivered"] {
        ops.move_to(&id, status).await.expect(200);
    }
    super::delete(&ops, "d1").await.expect(204);
    let reopened = ops.operate(&id, "reopen", &json!({ "reason": "the wrong door" })).await;
    assert_eq!(reopened.expect(200)["driver"], "d1");
    on_duty(&app, "d1", 1).await;
    let next = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    app.client(people::merchant("m1")).await.assign(&next, "d1").await.expect(200);
    ops.move_to(&id, "delivered").await.expect(200);
    assert_eq!(orders_of(&app, "d1").await, [next]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_can_require_registered_drivers() {
    let app = App::start().await;
    let (merchant, ops) = (app.client(people::merchant("m1")).await, app.ops().await);
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    merchant.assign(&id, "anybody").await.expect(200);
    let path = "/merchants/m1/settings";
    let set = merchant.request(Method::PUT, path).json(&json!({ "drivers": "registered" }));
    assert_eq!(merchant.send(set).await.expect(200)["drivers"], "registered");
    for client in [&merchant, &ops] {
        let problem = client.replace_driver(&id, "nobody").await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "/driver");
    }
    on_duty(&app, "d1", 1).await;
    merchant.replace_driver(&id, "d1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchants_own_driver_carries_no_orders_of_others() {
    let app = App::start().await;
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await.expect(201);
    set_duty(&ops, "own-1", &json!({ "on_duty": true })).await.expect(200);
    for (merchant, is_theirs) in [("m1", true), ("m2", false)] {
        let id = id_of(&ops.create(&order(merchant, "c1")).await.expect(201));
        let assigned = ops.assign(&id, "own-1").await;
        assert_eq!(assigned.is_problem(422, "invalid-fields"), !is_theirs, "{assigned:?}");
    }
    assert_eq!(orders_of(&app, "own-1").await.len(), 1);
}
