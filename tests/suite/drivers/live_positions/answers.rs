//! `GET /orders/{id}/location`.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Scene, set_duty};
use crate::harness::people;

async fn asked(scene: &Scene, person: Value, id: &str) -> Value {
    let client = scene.app.client(person).await;
    client.get(&format!("/orders/{id}/location")).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_driver_no_position_not_shown_current_and_stale_are_five_answers() {
    let scene = Scene::start().await;
    scene.driver("d1", false).await;
    let customer = || people::customer("m1", "c1");
    let id = scene.order("c1", 51.52, "d1").await;
    let state = |state: &str| json!({ "order_id": id, "state": state });
    assert_eq!(asked(&scene, customer(), &id).await, state("not_shown"), "assigned");
    assert_eq!(asked(&scene, people::ops(), &id).await, state("no_position"), "assigned");
    scene.ops.unassign(&id, "a flat tyre").await.expect(200);
    assert_eq!(asked(&scene, customer(), &id).await, state("no_driver"));
    scene.ops.assign(&id, "d1").await.expect(200);
    scene.moves("d1", 51.5).await;
    scene.time.forward(1);
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    assert_eq!(asked(&scene, customer(), &id).await, state("no_position"), "before the pickup");

    // An order left the driver less than two minutes ago until then.
    scene.time.forward(120);
    scene.moves("d1", 51.501).await;
    let at = scene.now();
    // 2,113 m by car at 6.9 m/s, by streets 1.35 times as long; an old position promises nothing.
    let shown = |state: &str, age: u64| {
        let mut shown = json!({
            "order_id": id, "state": state, "age_seconds": age,
            "position": {
                "at": at, "lat": 51.501, "lng": 0.0, "precision": "exact", "accuracy": 8.0,
                "heading": 90.0, "speed": 4.5, "stops_before": 0,
            },
        });
        if state == "current" {
            shown["position"]["eta"] = json!(at.plus_seconds(414));
        }
        shown
    };
    for (seconds, for_customer, for_ops) in [
        (0, shown("current", 0), shown("current", 0)),
        (180, shown("current", 180), shown("current", 180)),
        (1, shown("stale", 181), shown("stale", 181)),
        (419, shown("stale", 600), shown("stale", 600)),
        (1, state("stale"), shown("stale", 601)),
    ] {
        scene.time.forward(seconds);
        assert_eq!(asked(&scene, customer(), &id).await, for_customer, "{seconds}");
        assert_eq!(asked(&scene, people::ops(), &id).await, for_ops, "{seconds}");
    }

    set_duty(&scene.ops, "d1", &json!({ "on_duty": false, "force": true })).await.expect(200);
    assert_eq!(asked(&scene, people::ops(), &id).await, state("not_shown"), "off duty");
    set_duty(&scene.ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    scene.moves("d1", 51.501).await;
    assert_eq!(asked(&scene, customer(), &id).await["state"], "current");
    for status in ["in_transit", "delivered"] {
        scene.ops.move_to(&id, status).await.expect(200);
    }
    for person in [people::ops(), customer()] {
        assert_eq!(asked(&scene, person, &id).await, state("not_shown"), "delivered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_do_not_see_the_order_find_nothing() {
    let scene = Scene::start().await;
    scene.driver("d1", false).await;
    let id = scene.order("c1", 51.52, "d1").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    scene.moves("d1", 51.5).await;
    let path = format!("/orders/{id}/location");
    for stranger in people::strangers() {
        scene.app.client(stranger).await.get(&path).await.problem(404, "not-found");
    }
    scene.ops.get(&format!("{path}?x=1")).await.problem(422, "invalid-fields");
}

/// A driver without a roster sends no positions.
#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_driver_has_no_position() {
    let scene = Scene::start().await;
    let id = scene.order("c1", 51.52, "d9").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    let expected = json!({ "order_id": id, "state": "no_position" });
    assert_eq!(asked(&scene, people::ops(), &id).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_can_set_that_it_sees_its_own_drivers_from_the_assignment_on() {
    let scene = Scene::start().await;
    scene.driver("d1", true).await;
    let before = scene.order("c1", 51.52, "d1").await;
    let merchant = scene.app.client(people::merchant("m1")).await;
    let set = merchant.request(Method::PUT, "/merchants/m1/settings");
    let set = set.json(&json!({ "positions_from": "assignment" }));
    let set = merchant.send(set).await.expect(200);
    assert_eq!(set["positions_from"], "assignment");
    let since = scene.order("c1", 51.52, "d1").await;
    scene.moves("d1", 51.5).await;
    for (id, state) in [(&before, "not_shown"), (&since, "current")] {
        for person in [people::merchant("m1"), people::store("m1", "s1")] {
            assert_eq!(asked(&scene, person, id).await["state"], state);
        }
        let customer = asked(&scene, people::customer("m1", "c1"), id).await;
        assert_eq!(customer["state"], "not_shown");
    }
}
