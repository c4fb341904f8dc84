//! Records that come late: after a reassignment, the end of a duty or a delivery they show nothing.

use serde_json::{Value, json};

use super::{Scene, received, set_duty};
use crate::drivers::hold;
use crate::harness::people;

/// Starts with an order of d1 that is on the way, its customer and operations, who have the position,
/// and the record of the next one.
async fn started(status: Option<&str>) -> (Scene, String, Vec<Value>) {
    let mut scene = Scene::start().await;
    for driver in ["d1", "d2"] {
        scene.driver(driver, false).await;
    }
    let id = scene.order("c1", 51.52, "d1").await;
    if let Some(status) = status {
        scene.ops.move_to(&id, status).await.expect(200);
    }
    scene.moves("d1", 51.497).await;
    scene.follow(people::ops(), &id).await.close().await;
    scene.last().await;
    scene.moves("d1", 51.5).await;
    let records = scene.last().await;
    assert_eq!(records.len(), 1);
    (scene, id, records)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_former_driver_is_not_shown() {
    let (scene, id, records) = started(None).await;
    let mut ops = scene.follow(people::ops(), &id).await;
    scene.relay(&records).await;
    assert_eq!(received(&mut ops).await.len(), 1, "before the reassignment");
    scene.time.forward(5);
    scene.ops.replace_driver(&id, "d2").await.expect(200);
    scene.relay(&records).await;
    assert_eq!(received(&mut ops).await, Vec::<Value>::new());
}

/// Where the driver was before the assignment is nothing to those who follow the order.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_from_before_the_trip_is_not_shown() {
    let (scene, id, records) = started(None).await;
    let mut ops = scene.follow(people::ops(), &id).await;
    scene.time.forward(5);
    scene.ops.replace_driver(&id, "d2").await.expect(200);
    scene.ops.replace_driver(&id, "d1").await.expect(200);
    scene.relay(&records).await;
    assert_eq!(received(&mut ops).await, Vec::<Value>::new());
    scene.moves("d1", 51.503).await;
    let mut scene = scene;
    scene.relay_all().await;
    assert_eq!(received(&mut ops).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_went_off_duty_is_not_shown() {
    let (scene, id, records) = started(Some("picked_up")).await;
    let mut listening = [
        scene.follow(people::ops(), &id).await,
        scene.follow(people::customer("m1", "c1"), &id).await,
    ];
    scene.relay(&records).await;
    for live in &mut listening {
        assert_eq!(received(live).await.len(), 1, "on duty");
    }
    let off = json!({ "on_duty": false, "force": true });
    set_duty(&scene.ops, "d1", &off).await.expect(200);
    scene.relay(&records).await;
    set_duty(&scene.ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    scene.time.forward(5);
    set_duty(&scene.ops, "d1", &off).await.expect(200);
    set_duty(&scene.ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    scene.relay(&records).await;
    for live in &mut listening {
        assert_eq!(received(live).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_of_an_order_that_was_closed() {
    let (scene, id, records) = started(Some("picked_up")).await;
    let mut listening = [
        scene.follow(people::ops(), &id).await,
        scene.follow(people::customer("m1", "c1"), &id).await,
    ];
    for status in ["in_transit", "delivered"] {
        scene.ops.move_to(&id, status).await.expect(200);
    }
    scene.relay(&records).await;
    for live in &mut listening {
        assert_eq!(received(live).await, Vec::<Value>::new());
    }
}

/// The relay finds the order in the driver's roster, and the order moves before the relay reads it.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_moves_while_the_relay_reads_shows_nothing() {
    for is_delivered in [true, false] {
        let (scene, id, records) = started(is_delivered.then_some("picked_up")).await;
        let mut ops = scene.follow(people::ops(), &id).await;
        let orders = scene.app.runner.table("OrdersTable").to_owned();
        let held = hold(&scene.app, move |call| {
            call.function == "position-relay" && call.request["RequestItems"].get(&orders).is_some()
        });
        let moves = async {
            held.reached.notified().await;
            if is_delivered {
                for status in ["in_transit", "delivered"] {
                    scene.ops.move_to(&id, status).await.expect(200);
                }
            } else {
                scene.ops.replace_driver(&id, "d2").await.expect(200);
            }
            drop(held.open);
        };
        futures_util::join!(scene.relay(&records), moves);
        assert_eq!(received(&mut ops).await, Vec::<Value>::new(), "delivered: {is_delivered}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_marker_of_now_is_shown() {
    let (mut scene, id, earlier) = started(Some("picked_up")).await;
    let mut customer = scene.follow(people::customer("m1", "c1"), &id).await;
    scene.last().await;
    scene.moves("d1", 51.503).await;
    let later = scene.last().await;
    scene.relay(&earlier).await;
    assert_eq!(received(&mut customer).await, Vec::<Value>::new());
    // Lambda may deliver a batch twice.
    scene.relay(&later).await;
    scene.relay(&later).await;
    let positions = received(&mut customer).await;
    let lats: Vec<_> = positions.iter().map(|position| &position["lat"]).collect();
    assert_eq!(lats, [51.503, 51.503]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_does_not_read_stops_no_other() {
    let (scene, id, mut records) = started(Some("picked_up")).await;
    let mut customer = scene.follow(people::customer("m1", "c1"), &id).await;
    let mut unreadable = records[0].clone();
    unreadable["dynamodb"]["NewImage"]["driver_id"] = json!({ "S": "" });
    records.insert(0, unreadable);
    scene.relay(&records).await;
    assert_eq!(received(&mut customer).await.len(), 1);
}

/// The driver is at the door of another customer, whose order is delivered after the roster was read, and
/// before the orders are.
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_while_the_position_is_read_betrays_no_door() {
    let (scene, id, _) = started(Some("picked_up")).await;
    let other = scene.order("c2", 51.501, "d1").await;
    for status in ["picked_up", "in_transit"] {
        scene.ops.move_to(&other, status).await.expect(200);
    }
    let mut customer = scene.follow(people::customer("m1", "c1"), &id).await;
    let client = scene.app.client(people::customer("m1", "c1")).await;
    let mut scene = scene;
    scene.last().await;
    scene.moves("d1", 51.501).await;
    let records = scene.last().await;
    let orders = scene.app.runner.table("OrdersTable").to_owned();
    let (relay, query) = ("position-relay", "query-orders");
    for function in [relay, query] {
        let orders = orders.clone();
        let held = hold(&scene.app, move |call| {
            call.function == function && call.request["RequestItems"].get(&orders).is_some()
        });
        let deliver = async {
            held.reached.notified().await;
            if function == relay {
                scene.ops.operate(&other, "deliver", &json!({})).await.expect(200);
            } else {
                let reason = json!({ "reason": "not at the door" });
                scene.ops.operate(&other, "reopen", &reason).await.expect(200);
                scene.ops.operate(&other, "deliver", &json!({})).await.expect(200);
            }
            drop(held.open);
        };
        let position = async {
            if function == relay {
                scene.relay(&records).await;
                return None;
            }
            let location = client.get(&format!("/orders/{id}/location")).await.expect(200);
            Some(location["position"].clone())
        };
        let (asked, ()) = futures_util::join!(position, deliver);
        let shown = match asked {
            Some(shown) => shown,
            None => received(&mut customer).await.remove(0),
        };
        assert_eq!(shown["precision"], "coarse", "{function} {shown}");
        scene.app.faults.clear();
    }
}
