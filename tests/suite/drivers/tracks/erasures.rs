//! The erasure of a customer's door from tracks.

use std::collections::BTreeSet;

use emulator::transport::Call;
use futures_util::future::join;
use serde_json::json;

use super::{START, Scene, at, fix, seconds, send};
use crate::drivers::{hold, on_duty};
use crate::harness::{App, Client, Stopped, id_of, order, stored};

async fn erase(client: &Client, order: &str) {
    let path = format!("/orders/{order}/details");
    client.send(client.request(reqwest::Method::DELETE, &path)).await.expect(200);
}

/// Of an erased order, the tracks lose the way near its door, while it was carried there and shortly
/// after; nothing else of them.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_takes_the_door_out_of_the_tracks() {
    // The drop-off is known, or it is where the driver was at the end: at 2,000 seconds.
    for is_known in [true, false] {
        let time = Stopped::at(START);
        let app = App::start_at(&time).await;
        let ops = app.ops().await;
        on_duty(&app, "d2", 3).await;
        let mut body = order("m1", "c1");
        body["addresses"] = json!({ "dropoff": "2 High Street" });
        if is_known {
            let door = json!({ "lat": 51.5, "lng": 0.2 });
            body["addresses"]["dropoff"] = json!({ "text": "2 High Street", "location": door });
        }
        let order = id_of(&ops.create(&body).await.expect(201));
        ops.assign(&order, "d2").await.expect(200);
        for step in ["pickup", "depart"] {
            ops.operate(&order, step, &json!({})).await.expect(200);
        }
        time.forward(2_000);
        let fixes: Vec<_> = (1..=200).map(|nth| fix(nth * 10)).collect();
        send(&ops, "d2", &fixes).await;
        ops.operate(&order, "deliver", &json!({})).await.expect(200);
        // The driver drives on, so that the door is in a complete run, and comes back later.
        time.forward(3_000);
        let back = json!({ "at": at(4_900), "lat": 51.5, "lng": 0.2 });
        let on: Vec<_> = (201..=360).map(|nth| fix(nth * 10)).chain([back]).collect();
        send(&ops, "d2", &on).await;
        erase(&ops, &order).await;
        erase(&ops, &order).await;
        // The door is 6.93 m east for each second: 200 m are 28 seconds.
        let expected: Vec<_> =
            (1..=197).chain(203..=360).map(|nth| nth * 10).chain([4_900]).collect();
        let track = ops.get("/drivers/d2/track").await.expect(200);
        assert_eq!(seconds(&track), expected, "{is_known}");
        let of_order = ops.get(&format!("/orders/{order}/track")).await.expect(200);
        assert_eq!(of_order["trips"], json!([]));
        let stored = stored::items(&app, "PositionsTable").await;
        assert!(stored.iter().all(|item| !item.contains_key("stops")), "{stored:?}");
    }
}

/// Neither the store to which an order was brought back is erased, nor anything if nobody was at the door;
/// the places of the order are forgotten of everybody who had it.
#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_of_an_order_that_came_back_erases_no_store() {
    let scene = Scene::picked_up("d2").await;
    let ops = scene.app.ops().await;
    let fixes: Vec<_> = (20..30).map(|nth| fix(nth * 10)).collect();
    for driver in ["d2", "own-1"] {
        send(&ops, driver, &fixes).await;
    }
    scene.step("return", json!({})).await;
    scene.step("returned", json!({})).await;
    erase(&ops, &scene.order).await;
    let track = ops.get("/drivers/d2/track").await.expect(200);
    assert_eq!(seconds(&track), (20..30).map(|nth| nth * 10).collect::<Vec<_>>());
    let stored = stored::items(&scene.app, "PositionsTable").await;
    assert!(stored.iter().all(|item| !item.contains_key("stops")), "{stored:?}");
}

/// An upload that has read the position before an erasure is kept as if it came after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_during_an_erasure_brings_nothing_back() {
    let scene = Scene::picked_up("d2").await;
    let ops = scene.app.ops().await;
    let fixes: Vec<_> = (20..30).map(|nth| fix(nth * 10)).collect();
    send(&ops, "d2", &fixes).await;
    scene.step("deliver", json!({})).await;
    scene.time.forward(1_000);
    let held =
        hold(&scene.app, |call| call.function == "drivers" && call.operation() == "UpdateItem");
    let upload = async { send(&ops, "d2", &[fix(1_290)]).await };
    let erasure = async {
        held.reached.notified().await;
        erase(&ops, &scene.order).await;
        drop(held.open);
    };
    join(upload, erasure).await;
    let track = ops.get("/drivers/d2/track").await.expect(200);
    assert_eq!(seconds(&track), [200, 210, 220, 230, 240, 250, 260, 1_290]);
}

/// The events between an upload's reads and its end.
#[derive(Clone, Copy, Debug)]
struct Meanwhile {
    /// The write before which the upload waits: that of the run that it completes, or the next one.
    held_at: &'static str,
    /// The time by which the fixes of another upload are later; 0 for those of the same upload.
    other: Option<i64>,
    is_erased: bool,
}

/// The seconds of the fixes on the way to the door, which is where the driver is at the last.
fn way() -> impl Iterator<Item = i64> {
    (0..45).map(|nth| 201 + 2 * nth)
}

/// The seconds of the fixes of an upload that completes the run of those on the way.
fn uploaded(later: i64) -> impl Iterator<Item = i64> {
    (130..230).map(move |nth| nth * 10 + later)
}

impl Meanwhile {
    /// Plays it, and returns the seconds of the fixes in the track.
    async fn play(self) -> Vec<i64> {
        let scene = Scene::picked_up("d2").await;
        let ops = scene.app.ops().await;
        let upload = async |seconds: &mut dyn Iterator<Item = i64>| {
            send(&ops, "d2", &seconds.map(fix).collect::<Vec<_>>()).await;
        };
        upload(&mut way()).await;
        scene.step("deliver", json!({})).await;
        scene.time.forward(2_000);
        let is_it = move |call: &Call| {
            let is_here = call.function == "drivers" && call.operation() == self.held_at;
            is_here && call.request.to_string().contains("run")
        };
        let held = hold(&scene.app, is_it);
        let meanwhile = async {
            held.reached.notified().await;
            if let Some(later) = self.other {
                upload(&mut uploaded(later)).await;
            }
            if self.is_erased {
                erase(&ops, &scene.order).await;
            }
            drop(held.open);
        };
        join(upload(&mut uploaded(0)), meanwhile).await;
        seconds(&ops.get("/drivers/d2/track").await.expect(200))
    }

    /// Returns the seconds of all fixes, except for those within 200 m of an erased door: 28 seconds.
    fn expected(self) -> Vec<i64> {
        let way = way().filter(|at| !self.is_erased || *at < 289 - 28);
        let all = way.chain(uploaded(0)).chain(self.other.into_iter().flat_map(uploaded));
        all.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// The door of an erased order is gone, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_during_an_erasure_leaves_no_run_with_the_door() {
    for held_at in ["PutItem", "UpdateItem"] {
        for other in [None, Some(5), Some(0)] {
            for is_erased in [true, false] {
                let meanwhile = Meanwhile { held_at, other, is_erased };
                assert_eq!(meanwhile.play().await, meanwhile.expected(), "{meanwhile:?}");
            }
        }
    }
}
