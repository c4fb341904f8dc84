//! Concurrent sweeps, and orders that move during a sweep.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use futures_util::join;
use serde_json::Value;
use tokio::sync::watch;

use super::Shop;
use crate::harness::eventually;
use crate::race::conflicts_now_and_then;

const ALERT: &str = "medium late_acknowledgement by sweep";

#[tokio::test(flavor = "multi_thread")]
async fn two_sweeps_at_once_do_everything_once() {
    let shop = Shop::open().await;
    let ids = shop.orders(120).await;
    conflicts_now_and_then(&shop.app);
    shop.time.forward(600);
    let swept = join_all((0..4).map(|_| shop.app.sweep())).await;
    shop.app.faults.clear();
    let acted: u64 = swept.iter().map(|it| it["acted"].as_u64().expect("a number")).sum();
    assert_eq!(acted, 120, "{swept:?}");
    for id in &ids {
        assert_eq!(shop.happened(id).await, [ALERT]);
    }
}

/// Holds the commit of a sweep until the order has moved.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_moves_while_it_is_swept_has_moved() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    shop.time.forward(600);
    let (go_on, waits) = watch::channel(false);
    let held = Arc::new(AtomicBool::new(false));
    let is_held = Arc::clone(&held);
    shop.app.faults.inject(move |call: &Call| {
        let is_commit = call.function == "sweep" && call.operation() == "TransactWriteItems";
        is_commit.then(|| held.store(true, Ordering::SeqCst));
        (is_commit && !*waits.borrow()).then(|| Fault::Wait(waits.clone()))
    });
    let moves = async {
        eventually("the sweep commits", async || is_held.load(Ordering::SeqCst)).await;
        shop.operate(&id, &["acknowledge"]).await;
        go_on.send(true).expect("somebody waits");
    };
    let (swept, ()) = join!(shop.app.sweep(), moves);
    shop.app.faults.clear();
    assert_eq!((&swept["acted"], &swept["unchanged"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(shop.happened(&id).await, ["status_changed by m1-boss: store_acknowledged"]);
}

/// In either order of the two commits, the later one is decided on the result of the earlier one.
#[tokio::test(flavor = "multi_thread")]
async fn orders_that_move_in_the_instant_of_their_deadline_are_late_or_not() {
    let shop = Shop::open().await;
    let ids = shop.orders(60).await;
    shop.time.forward(600);
    let acknowledge = ids.iter().map(|id| shop.boss.operate(id, "acknowledge", &Value::Null));
    let (_, moved) = join!(shop.app.sweep(), join_all(acknowledge));
    for (id, moved) in ids.iter().zip(moved) {
        moved.expect(200);
        let happened = shop.happened(id).await;
        let moved = "status_changed by m1-boss: store_acknowledged";
        assert!(happened == [moved] || happened == [ALERT, moved], "{happened:?}");
        assert_eq!(shop.boss.order(id).await.expect(200)["delayed_since"], Value::Null);
    }
}

/// A commit whose response is lost was made, and is not repeated.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_response_is_not_a_second_alert() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    let lost = AtomicBool::new(false);
    shop.app.faults.inject(move |call: &Call| {
        let is_commit = call.function == "sweep" && call.operation() == "TransactWriteItems";
        (is_commit && !lost.swap(true, Ordering::SeqCst)).then_some(Fault::LoseResponse)
    });
    assert_eq!(shop.sweep_after(600).await, 1);
    shop.app.faults.clear();
    assert_eq!(shop.happened(&id).await, [ALERT]);
}
