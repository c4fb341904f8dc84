//! Watches: those who follow an order have its driver send positions often.

use emulator::transport::Call;
use serde_json::{Value, json};

use super::{Scene, received};
use crate::drivers::hold;
use crate::harness::{people, stored};

/// Returns the end of the watch of an item of `positions`; empty without one.
async fn watched_until(scene: &Scene, key: &str) -> String {
    let items = stored::items(&scene.app, "PositionsTable").await;
    let item = items.iter().find(|item| stored::text(item, "driver_id") == key);
    let text = |item| stored::text(item, "watched_until");
    item.filter(|item| item.contains_key("watched_until")).map(text).unwrap_or_default()
}

const OFTEN: u64 = 5;

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_watches_the_order_and_its_driver() {
    let scene = Scene::start().await;
    scene.driver("d1", false).await;
    let id = scene.order("c1", 51.52, "d1").await;
    assert_ne!(scene.moves("d1", 51.5).await["next"]["send_every_s"], OFTEN);
    // Only for as long as the token is valid, to the minute.
    let mut brief = people::customer("m1", "c1");
    brief["expires_in"] = json!(600);
    scene.follow(brief.clone(), &id).await;
    let row = format!("order#{id}");
    for key in ["d1", &row] {
        assert_eq!(watched_until(&scene, key).await, "2026-11-21T12:10:00.000Z", "{key}");
    }
    assert_eq!(scene.moves("d1", 51.501).await["next"]["send_every_s"], OFTEN);
    scene.follow(people::ops(), &id).await;
    let until = watched_until(&scene, "d1").await;
    assert!(until.as_str() > "2026-11-21T12:10:00.000Z", "{until}");
    // A shorter one changes nothing.
    scene.follow(brief, &id).await;
    for key in ["d1", &row] {
        assert_eq!(watched_until(&scene, key).await, until, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_than_followers_of_an_open_order_watch_nobody() {
    let scene = Scene::start().await;
    scene.driver("d1", false).await;
    let id = scene.order("c1", 51.52, "d1").await;
    scene.moves("d1", 51.5).await;
    scene.follow(people::driver("d1"), &id).await;
    assert_eq!(watched_until(&scene, "d1").await, "", "it knows where it is");
    scene.ops.move_to(&id, "cancelled").await.expect(200);
    scene.follow(people::ops(), &id).await;
    assert_eq!(watched_until(&scene, "d1").await, "", "nothing is to come");
    let row = format!("order#{id}");
    assert_eq!(watched_until(&scene, &row).await, "");
}

fn sets(call: &Call, function: &str, key: &str) -> bool {
    call.function == function
        && call.operation() == "UpdateItem"
        && call.request["Key"]["driver_id"]["S"] == key
}

/// An upload that has read the position before the watch does not undo it.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_is_set_during_an_upload_stays() {
    let mut scene = Scene::start().await;
    scene.driver("d1", false).await;
    let id = scene.order("c1", 51.52, "d1").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    scene.moves("d1", 51.5).await;
    let held = hold(&scene.app, |call| sets(call, "drivers", "d1"));
    let upload = scene.moves("d1", 51.501);
    let watch = async {
        held.reached.notified().await;
        let live = scene.follow(people::customer("m1", "c1"), &id).await;
        drop(held.open);
        live
    };
    let (_, mut live) = futures_util::join!(upload, watch);
    assert_ne!(watched_until(&scene, "d1").await, "");
    scene.relay_all().await;
    let positions = received(&mut live).await;
    assert_eq!(positions.last().map(|it| it["lat"].clone()), Some(json!(51.501)));
}

/// The subscription is written, and the order gets another driver before the subscription reads it.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_finds_the_driver_who_has_the_order_by_then() {
    let scene = Scene::start().await;
    for driver in ["d1", "d2"] {
        scene.driver(driver, false).await;
        scene.moves(driver, 51.5).await;
    }
    let id = scene.order("c1", 51.52, "d1").await;
    let row = format!("order#{id}");
    let held = hold(&scene.app, move |call| sets(call, "live-message", &row));
    let reassign = async {
        held.reached.notified().await;
        scene.ops.replace_driver(&id, "d2").await.expect(200);
        drop(held.open);
    };
    futures_util::join!(scene.follow(people::customer("m1", "c1"), &id), reassign);
    assert_eq!(watched_until(&scene, "d1").await, "");
    assert_ne!(watched_until(&scene, "d2").await, "");
}

/// The order gets another driver after the subscription has read it: the next upload finds the row.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_gets_a_watched_order_is_watched() {
    let scene = Scene::start().await;
    for driver in ["d1", "d2"] {
        scene.driver(driver, false).await;
        scene.moves(driver, 51.5).await;
    }
    let id = scene.order("c1", 51.52, "d1").await;
    let held = hold(&scene.app, |call| sets(call, "live-message", "d1"));
    let reassign = async {
        held.reached.notified().await;
        scene.ops.replace_driver(&id, "d2").await.expect(200);
        drop(held.open);
    };
    let follow = scene.follow(people::customer("m1", "c1"), &id);
    let (_live, ()) = futures_util::join!(follow, reassign);
    let next: Value = scene.moves("d2", 51.501).await["next"].clone();
    assert_eq!(next["send_every_s"], OFTEN);
    assert_ne!(watched_until(&scene, "d2").await, "");
}
