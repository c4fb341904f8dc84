//! Rounds while something else happens.

use emulator::Streams;
use emulator::transport::{Call, Fault};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use super::{Scene, located, meanwhile, told};
use crate::drivers::{delete, set_duty};
use crate::harness::{Client, chance, eventually, stored};
use crate::race::conflicts_now_and_then;

/// The number of orders that several calls of dispatch decide on at once.
const RACES: usize = 40;

/// Each thing is done once, by whoever comes first, even long after its time.
#[tokio::test(flavor = "multi_thread")]
async fn two_calls_and_a_sweep_at_once_do_each_thing_once_even_after_a_day() {
    let scene = Scene::start(Streams::ByHand, json!({ "mode": "offer", "rounds": 2 })).await;
    scene.near("d1", 100.0).await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(scene.place(&located("m1")).await);
    }
    let all: Vec<_> = ids.iter().map(String::as_str).collect();
    conflicts_now_and_then(&scene.app);
    let types = async |id: &str| -> Vec<String> {
        told(&scene.app, id).await.into_iter().map(|(name, ..)| name).collect()
    };
    let at_once = async || {
        let ((), ((), _)) = join(scene.wake(&all), join(scene.wake(&all), scene.app.sweep())).await;
    };
    at_once().await;
    let offered = ["created", "driver_offered"];
    for id in &ids {
        assert_eq!(types(id).await, offered);
    }
    let mut expected = offered.to_vec();
    for (seconds, then) in [
        (24 * 60 * 60, &["offer_expired"][..]),
        (14, &[]),
        (1, &["driver_offered"]),
        (44, &[]),
        (24 * 60 * 60, &["offer_expired", "alert_raised"]),
        (5 * 60, &["alert_raised"]),
    ] {
        scene.time.forward(seconds);
        at_once().await;
        expected.extend(then);
        for id in &ids {
            assert_eq!(types(id).await, expected, "after {seconds} s");
            stored::checked(&scene.app, id).await;
        }
    }
    scene.app.faults.clear();
}

/// Whatever comes in the same instant: an order that is closed or taken is not offered any more.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_moves_in_the_same_instant_is_not_offered_afterwards() {
    let scene = Scene::start(Streams::ByHand, json!({ "mode": "offer", "rounds": 2 })).await;
    scene.near("d1", 100.0).await;
    let ops = scene.app.ops().await;
    conflicts_now_and_then(&scene.app);
    let race = async |n: usize| {
        let id = scene.place(&located("m1")).await;
        if n % 3 == 2 {
            scene.wake(&[&id]).await;
        }
        let move_it = async |ops: &Client| match n % 2 {
            0 => ops.operate(&id, "cancel", &json!({ "reason": "ordered twice" })).await,
            _ => ops.operate(&id, "assign", &json!({ "driver": "d1" })).await,
        };
        let ((), moved) = join(scene.wake(&[&id]), move_it(&ops)).await;
        assert!([200, 204].contains(&moved.status), "{moved:?}");
        scene.wake(&[&id]).await;
        let names: Vec<_> =
            told(&scene.app, &id).await.into_iter().map(|(name, ..)| name).collect();
        let last = if n.is_multiple_of(2) { "cancelled" } else { "driver_assigned" };
        assert_eq!(names.last().map(String::as_str), Some(last), "{names:?}");
        stored::checked(&scene.app, &id).await;
    };
    join_all((0..chance::share(RACES)).map(race)).await;
    scene.app.faults.clear();
}

/// A driver who is deleted between the search and the commit is left out, also if the merchant's
/// orders can be assigned to any id.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_is_gone_is_neither_asked_nor_assigned() {
    for mode in ["offer", "assign"] {
        let scene = Scene::start(Streams::ByHand, json!({ "mode": mode })).await;
        let ops = scene.app.ops().await;
        scene.near("d1", 100.0).await;
        scene.near("d2", 200.0).await;
        let id = scene.place(&located("m1")).await;
        let ids = [&*id];
        let gone = async { drop(delete(&ops, "d1").await.expect(204)) };
        meanwhile(&scene, scene.wake(&ids), gone).await;
        let (_, data, _) = told(&scene.app, &id).await.swap_remove(1);
        if mode == "offer" {
            assert_eq!(data["drivers"], json!(["d2"]));
        } else {
            assert_eq!(data["driver"], "d2");
        }
        // Nobody is left: dispatch searches again in a moment.
        let id = scene.place(&located("m1")).await;
        let ids = [&*id];
        let home = json!({ "on_duty": false, "force": true });
        let gone = async { drop(set_duty(&ops, "d2", &home).await.expect(200)) };
        meanwhile(&scene, scene.wake(&ids), gone).await;
        assert_eq!(told(&scene.app, &id).await.len(), 1);
        assert_eq!(scene.app.runner.messages("DispatchQueue").len(), 1);
        scene.wake(&ids).await;
        assert_eq!(told(&scene.app, &id).await[1].0, "offer_expired");
    }
}

/// A search is for the order as it was: one whose pickup has moved meanwhile is searched for again.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_changes_during_a_search_is_searched_for_again() {
    let scene = Scene::start(Streams::ByHand, json!({ "mode": "offer" })).await;
    let ops = scene.app.ops().await;
    scene.near("d1", 100.0).await;
    let id = scene.place(&located("m1")).await;
    let ids = [&*id];
    let elsewhere = json!({ "text": "2 Far Street", "location": { "lat": 52.5, "lng": -0.1 } });
    let correction = json!({ "addresses": { "pickup": elsewhere } });
    let path = format!("/orders/{id}");
    let moved = async { drop(ops.patch(&path, &correction).await.expect(200)) };
    meanwhile(&scene, scene.wake(&ids), moved).await;
    let expected = json!({ "round": 1, "drivers": [], "radius_m": 3000 });
    assert_eq!(told(&scene.app, &id).await[2].1, expected);
}

/// A message that comes before its time comes again then, since clocks differ. One that is meant for
/// another time does not: the change that has moved the time has a message of its own.
#[tokio::test(flavor = "multi_thread")]
async fn an_early_message_waits_for_its_time() {
    let dispatch = json!({ "mode": "offer", "offer_seconds": 900 });
    let scene = Scene::start(Streams::Polled, dispatch).await;
    scene.near("d1", 100.0).await;
    let id = scene.place(&located("m1")).await;
    scene.happens(&id, 2).await;
    let waiting = || {
        let messages = scene.app.runner.messages("DispatchQueue");
        let times = messages.iter().map(|it| serde_json::from_str::<Value>(&it.body).unwrap());
        times.map(|it| it["at"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let end = "2026-11-21T12:15:00.000Z";
    // The message of the first round may still be in flight.
    eventually("the end waits", async || waiting() == [end]).await;
    for (at, count) in [(json!(scene.now()), 1), (json!(end), 2), (Value::Null, 3)] {
        let message = json!({ "merchant": "m1", "order": id, "at": at });
        assert_eq!(scene.deliver(&[message]).await, json!([]));
        assert_eq!(waiting(), vec![end; count], "{at}");
    }
    scene.time.forward(900);
    assert_eq!(scene.happens(&id, 3).await.0, "offer_expired");
    let next = "2026-11-21T12:15:15.000Z";
    eventually("the next round waits", async || waiting() == [next]).await;
}

/// No driver waits for webhooks: those of a merchant whose endpoints cannot be read are tried again
/// for hours.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_offered_while_the_endpoints_of_webhooks_cannot_be_read() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "offer" })).await;
    scene.near("d1", 100.0).await;
    scene.app.faults.inject(|call: &Call| {
        let is_read = call.function == "outbox" && call.operation() == "Query";
        is_read.then_some(Fault::Unreachable)
    });
    let id = scene.place(&located("m1")).await;
    assert_eq!(scene.happens(&id, 2).await.0, "driver_offered");
    scene.app.faults.clear();
}
