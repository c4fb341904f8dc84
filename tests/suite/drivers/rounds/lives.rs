//! The rounds of an order, from the first search until a driver has it, or people are alerted.

use emulator::Streams;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Scene, located};
use crate::drivers::{on_duty, orders_of, register_on_duty};
use crate::harness::{App, grocery, people, stored};

#[tokio::test(flavor = "multi_thread")]
async fn rounds_ask_the_nearest_who_have_not_declined_and_people_are_alerted_in_the_end() {
    let dispatch = json!({
        "mode": "offer",
        "offers_at_once": 3,
        "offer_seconds": 45,
        "rounds": 2,
        "radius_m": 1000,
    });
    let scene = Scene::start(Streams::Polled, dispatch).await;
    for (driver, metres) in [("d1", 300.0), ("d2", 600.0), ("d3", 1005.0), ("d4", 1900.0)] {
        scene.near(driver, metres).await;
    }
    let id = scene.place(&located("m1")).await;
    let (name, data) = scene.happens(&id, 2).await;
    let expected = json!({
        "round": 1,
        "drivers": ["d1", "d2"],
        "expires_at": "2026-11-21T12:00:45.000Z",
        "radius_m": 1000,
    });
    assert_eq!((&*name, data), ("driver_offered", expected));
    let asked = scene.app.client(people::driver("d1")).await;
    asked.operate(&id, "decline", &json!({ "reason": "too far" })).await.expect(204);

    // No sweep ends the offer, and none begins the next round.
    scene.time.forward(45);
    let (name, data) = scene.happens(&id, 4).await;
    assert_eq!((&*name, data), ("offer_expired", json!({ "round": 1, "drivers": ["d2"] })));
    scene.time.forward(15);
    let (name, data) = scene.happens(&id, 5).await;
    let expected = json!({
        "round": 2,
        "drivers": ["d2", "d3"],
        "expires_at": "2026-11-21T12:01:45.000Z",
        "radius_m": 1600,
    });
    assert_eq!((&*name, data), ("driver_offered", expected));
    scene.time.forward(45);
    let (name, data) = scene.happens(&id, 7).await;
    let alert = json!({ "alert": { "type": "no_driver", "severity": "medium" } });
    assert_eq!((&*name, data), ("alert_raised", alert));
    let delayed = scene.app.ops().await.get("/orders?delayed=true").await.expect(200);
    assert_eq!(delayed["orders"][0]["id"], id.as_str());
    // A person finds a driver.
    scene.app.ops().await.assign(&id, "d4").await.expect(200);
    let history = scene.app.ops().await.history(&id).await.expect(200);
    let dispatch = json!({ "role": "system", "id": "dispatch" });
    for place in [1, 3, 4, 5, 6] {
        assert_eq!(history["events"][place]["actor"], dispatch, "{place}");
    }
    stored::checked(&scene.app, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_to_accept_ends_the_search_and_a_driver_who_gives_back_is_not_asked_again() {
    let scene =
        Scene::start(Streams::Polled, json!({ "mode": "offer", "offers_at_once": 1 })).await;
    scene.near("d1", 100.0).await;
    let id = scene.place(&located("m1")).await;
    scene.happens(&id, 2).await;
    let own = scene.app.client(people::driver("d1")).await;
    own.operate(&id, "accept", &json!({})).await.expect(200);
    scene.near("d2", 200.0).await;
    own.operate(&id, "unassign", &json!({ "reason": "a flat tyre" })).await.expect(204);
    let (name, data) = scene.happens(&id, 5).await;
    assert_eq!((&*name, &data["drivers"]), ("driver_offered", &json!(["d2"])));
    assert_eq!(data["round"], 1, "the order waits anew");
    // The end of the first offer comes to nothing.
    scene.time.forward(45);
    let (name, _) = scene.happens(&id, 6).await;
    assert_eq!(name, "offer_expired");
}

/// A fleet of another merchant is never asked, and the merchant's own comes first.
#[tokio::test(flavor = "multi_thread")]
async fn own_drivers_come_first_and_those_of_others_never() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "offer" })).await;
    for (merchant, driver, metres) in [("m1", "own", 900.0), ("m2", "other", 100.0)] {
        let client = scene.app.client(people::merchant(merchant)).await;
        register_on_duty(&client, &json!({ "driver": driver })).await;
        scene.stand(driver, metres).await;
    }
    scene.near("d1", 200.0).await;
    let asked = async |fleets: Value| {
        scene.set_dispatch(json!({ "mode": "offer", "fleets": fleets })).await;
        let id = scene.place(&located("m1")).await;
        scene.happens(&id, 2).await.1["drivers"].clone()
    };
    assert_eq!(asked(json!(["own", "platform"])).await, json!(["own", "d1"]));
    assert_eq!(asked(json!(["platform", "own"])).await, json!(["d1", "own"]));
    assert_eq!(asked(json!(["own"])).await, json!(["own"]));
    assert_eq!(asked(json!(["platform"])).await, json!(["d1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_driver_is_assigned_without_asking_as_long_as_one_has_room() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "assign", "rounds": 1 })).await;
    for (driver, metres) in [("d1", 100.0), ("d2", 900.0)] {
        on_duty(&scene.app, driver, 1).await;
        scene.stand(driver, metres).await;
    }
    let mut ids = Vec::new();
    for driver in ["d1", "d2"] {
        let id = scene.place(&located("m1")).await;
        let (name, data) = scene.happens(&id, 2).await;
        let expected = json!({ "driver": driver, "via": "dispatch" });
        assert_eq!((&*name, data), ("driver_assigned", expected));
        assert_eq!(orders_of(&scene.app, driver).await, [&*id]);
        ids.push(id);
    }
    let id = scene.place(&located("m1")).await;
    let (name, data) = scene.happens(&id, 2).await;
    let expected = json!({ "round": 1, "drivers": [], "radius_m": 3000 });
    assert_eq!((&*name, data), ("offer_expired", expected));
    assert_eq!(scene.happens(&id, 3).await.0, "alert_raised");
    for id in ids {
        stored::checked(&scene.app, &id).await;
    }
}

/// The pickup is the store's, and only once the order is ready. Without a location, a note says what
/// to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_begins_at_the_store_once_the_order_is_ready() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "offer" })).await;
    let ops = scene.app.ops().await;
    scene.near("d1", 500.0).await;
    let address = json!({ "text": "1 Mill Lane", "location": { "lat": 51.5, "lng": -0.1 } });
    let record = json!({ "name": "Mill Lane", "address": address });
    let path = "/merchants/m1/stores/s1";
    ops.send(ops.request(Method::PUT, path).json(&record)).await.expect(201);
    let ready = async |store: &str| {
        let id = scene.place(&grocery("m1", store, "c1")).await;
        for step in ["acknowledge", "start-picking", "ready"] {
            assert_eq!(ops.order(&id).await.expect(200)["offer"], Value::Null);
            ops.operate(&id, step, &json!({})).await.expect(200);
        }
        id
    };
    let id = ready("s1").await;
    let (name, data) = scene.happens(&id, 6).await;
    assert_eq!((&*name, &data["drivers"]), ("driver_offered", &json!(["d1"])));
    let id = ready("s2").await;
    assert_eq!(scene.happens(&id, 6).await.0, "offer_expired");
    let history = ops.history(&id).await.expect(200);
    let note = history["events"][5]["note"].as_str().expect("a note");
    assert!(note.contains("no location"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_way_to_find_drivers_is_refused_field_by_field() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for (dispatch, pointer) in [
        (json!({}), "/dispatch/mode"),
        (json!({ "mode": "auto" }), "/dispatch/mode"),
        (json!({ "mode": "offer", "fleets": [] }), "/dispatch/fleets"),
        (json!({ "mode": "offer", "fleets": ["own", "own"] }), "/dispatch/fleets"),
        (json!({ "mode": "offer", "fleets": ["all"] }), "/dispatch/fleets/0"),
        (json!({ "mode": "offer", "offers_at_once": 0 }), "/dispatch/offers_at_once"),
        (json!({ "mode": "offer", "offers_at_once": 17 }), "/dispatch/offers_at_once"),
        (json!({ "mode": "offer", "offer_seconds": 901 }), "/dispatch/offer_seconds"),
        (json!({ "mode": "offer", "rounds": 11 }), "/dispatch/rounds"),
        (json!({ "mode": "offer", "radius_m": 499 }), "/dispatch/radius_m"),
        (json!({ "mode": "offer", "radius": 1000 }), "/dispatch/radius"),
        (json!("offer"), "/dispatch"),
    ] {
        let body = json!({ "dispatch": dispatch });
        let request = merchant.request(Method::PUT, "/merchants/m1/settings").json(&body);
        let problem = merchant.send(request).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{dispatch}");
    }
}
