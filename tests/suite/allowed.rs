//! The steps that the API says are allowed are those that it does not refuse.

use serde_json::{Value, json};

use crate::harness::{App, people};

#[tokio::test(flavor = "multi_thread")]
async fn the_allowed_steps_are_those_that_a_refusal_lists() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    for step in ["pickup", "depart"] {
        for person in [people::ops(), people::support(), people::merchant("m1")] {
            let client = app.client(person.clone()).await;
            let path = format!("/orders/{id}/allowed");
            let said = client.get(&path).await.expect(200);
            // Nobody completes a return that has not begun.
            let refused = client.operate(&id, "returned", &json!({})).await;
            assert!(refused.status >= 400, "{person}: {refused:?}");
            let refused: Value = serde_json::from_str(&refused.text).expect("JSON");
            assert_eq!(said["operations"], refused["operations"], "{person}: {refused}");
            assert_eq!(said["allowed"], refused["allowed"], "{person}");
        }
        ops.operate(&id, step, &json!({})).await.expect(200);
    }
    let said = ops.get(&format!("/orders/{id}/allowed")).await.expect(200);
    assert_eq!(
        said,
        json!({
            "order_id": id, "version": 3, "status": "in_transit",
            "allowed": ["delivered", "returning", "cancelled", "failed"],
            "operations": ["deliver", "delivery-failed", "return", "cancel", "fail"],
        })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_told_of_no_step() {
    let app = App::start().await;
    let id = app.place_order().await;
    let path = format!("/orders/{id}/allowed");
    let stranger = app.client(people::merchant("m2")).await;
    stranger.get(&path).await.problem(404, "not-found");
    app.anonymous().get(&path).await.expect(401);
    let ops = app.ops().await;
    ops.get(&format!("{path}?colour=red")).await.problem(422, "invalid-fields");
}
