//! The permissions of the function, each of them used.

use std::collections::BTreeSet;
use std::sync::Mutex;

use emulator::transport::{Call, Fault};
use serde_json::json;

use super::{delete, facts, hold, register, rounds, set_duty};
use crate::harness::{App, Change, Stopped, eventually, id_of, order, people, stored};

/// Registers, reads, lists, changes and deletes a driver, who sends positions and has an order for a
/// while, and brings another, whose customer looks.
pub async fn use_every_permission(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "roster-1" })).await.expect(201);
    set_duty(&ops, "roster-1", &json!({ "on_duty": true })).await.expect(200);
    ops.patch("/drivers/roster-1", &json!({ "capacity": 2 })).await.expect(200);
    ops.get("/drivers").await.expect(200);
    ops.get("/drivers?on_duty=true").await.expect(200);
    for seconds in [0, 1] {
        let at = time.clock().now().plus_seconds(seconds);
        let body = json!({ "fixes": [{ "at": at, "lat": 51.5, "lng": -0.1 }] });
        ops.post("/drivers/roster-1/positions", &body).await.expect(200);
    }
    let near = ops.get("/drivers?near=51.5,-0.1").await.expect(200);
    assert_ne!(near["drivers"], json!([]));
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "roster-1").await.expect(200);
    ops.unassign(&id, "a flat tyre").await.expect(200);
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, "roster-1").await.expect(200);
    ops.move_to(&id, "picked_up").await.expect(200);
    let customer = app.client(people::customer("m1", "c1")).await;
    customer.order(&id).await.expect(200);
    customer.get(&format!("/orders/{id}/location")).await.expect(200);
    follow(app, time, &id).await;
    ops.get(&format!("/orders/{id}/track")).await.expect(200);
    ops.move_to(&id, "returning").await.expect(200);
    ops.move_to(&id, "returned").await.expect(200);
    delete(&ops, "roster-1").await.expect(204);
    send_over_a_connection(app, time).await;
    facts::use_every_permission(app, time).await;
    rounds::use_every_permission(app, time).await;
}

/// Sends so many positions, over a connection and over HTTP, that a run is complete: while the driver
/// has an order of a store, which is erased afterwards, and while the driver is deleted.
async fn send_over_a_connection(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "roster-2" })).await.expect(201);
    set_duty(&ops, "roster-2", &json!({ "on_duty": true })).await.expect(200);
    let mut body = order("m1", "c1");
    body["store"] = "s1".into();
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "roster-2").await.expect(200);
    time.forward(300);
    let message = |ages: std::ops::Range<i64>| {
        let fix = |age: i64| {
            let lat = 51.5 + f64::from(i32::try_from(age).expect("minutes")) * 0.000_2;
            json!({ "at": time.clock().now().plus_seconds(-age), "lat": lat, "lng": -0.1 })
        };
        json!({ "action": "positions", "fixes": ages.map(fix).collect::<Vec<_>>() })
    };
    let mut live = app.live(&app.client(people::driver("roster-2")).await).await;
    assert_eq!(live.say(&message(200..201)).await["accepted"], 1);
    ops.get("/drivers/roster-2/track").await.expect(200);
    ops.unassign(&id, "a flat tyre").await.expect(200);
    let held = hold(app, |call| call.function == "live-message" && call.operation() == "PutItem");
    live.send(&message(0..150)).await;
    held.reached.notified().await;
    delete(&ops, "roster-2").await.expect(204);
    drop(held.open);
    assert_eq!(live.next().await["problem"]["status"], 404);
    app.faults.clear();
    // Another one over HTTP.
    register(&ops, &json!({ "driver": "roster-2" })).await.expect(201);
    set_duty(&ops, "roster-2", &json!({ "on_duty": true })).await.expect(200);
    let body = json!({ "outage": "no_signal" });
    ops.post("/drivers/roster-2/positions", &body).await.expect(200);
    let mut body = order("m1", "c1");
    body["store"] = "s1".into();
    let door = json!({ "lat": 51.528, "lng": -0.1 });
    body["addresses"] = json!({ "dropoff": { "text": "2 High Street", "location": door } });
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "roster-2").await.expect(200);
    for step in ["pickup", "depart"] {
        ops.operate(&id, step, &json!({})).await.expect(200);
    }
    time.forward(300);
    let mut fixes = message(0..150);
    fixes.as_object_mut().expect("an object").remove("action");
    let sent = ops.post("/drivers/roster-2/positions", &fixes).await.expect(200);
    assert_eq!(sent["accepted"], 150, "{sent}");
    ops.operate(&id, "deliver", &json!({})).await.expect(200);
    Change::erase_details().ask(&ops, &id).await.expect(200);
    delete(&ops, "roster-2").await.expect(204);
}

/// Sends a position of an order's driver to those who follow it. One of them is gone, the token of one
/// has expired, and the first post to each is throttled.
async fn follow(app: &App, time: &Stopped, id: &str) {
    let ops = app.ops().await;
    let mut live = app.live(&ops).await;
    let mut brief = people::ops();
    brief["expires_in"] = json!(60);
    let mut expires = app.live(&app.client(brief).await).await;
    for live in [&mut live, &mut expires] {
        live.send(&json!({ "action": "subscribe", "topic": format!("order:{id}") })).await;
        // The position of now can come first.
        while live.next().await["type"] != "subscribed" {}
    }
    stored::leave_a_ghost(app, true).await;
    let met = Mutex::new(BTreeSet::new());
    app.faults.inject(move |call: &Call| {
        let connection = call.request["ConnectionId"].as_str()?.to_owned();
        let is_first = call.operation() == "PostToConnection"
            && met.lock().expect("a lock").insert(connection);
        is_first.then(Fault::limit_exceeded)
    });
    time.forward(60);
    let at = time.clock().now();
    let body = json!({ "fixes": [{ "at": at, "lat": 51.51, "lng": -0.1 }] });
    ops.post("/drivers/roster-1/positions", &body).await.expect(200);
    while live.next().await["positions"][0]["lat"] != 51.51 {}
    while expires.next_or_close().await.is_ok() {}
    eventually("the ghost is gone", async || stored::ghosts(app).await == 0).await;
    app.faults.clear();
    live.send(&json!({ "action": "subscribe", "topic": "fleet" })).await;
    live.send(&json!({ "action": "snapshot", "topic": "fleet" })).await;
    let page = live.until_pong().await;
    assert!(page.iter().any(|frame| frame["positions"][0]["driver"] == "roster-1"), "{page:?}");
    live.close().await;
}
