//! Time limits: each takes effect at its time, not earlier, and once.

use serde_json::{Value, json};

use super::{Shop, at};
use crate::harness::{grocery, order, people};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_is_asked_for_louder_and_then_the_order_is_called_off() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    let placed = shop.boss.order(&id).await.expect(200);
    assert_eq!(placed["deadline"], at(&placed, 600));
    assert_eq!(shop.sweep_after(599).await, 0);
    assert_eq!(shop.happened(&id).await, [""; 0]);

    let alert = "medium late_acknowledgement by sweep";
    assert_eq!(shop.sweep_after(1).await, 1);
    assert_eq!(shop.sweep_after(0).await, 0, "once");
    assert_eq!(shop.happened(&id).await, [alert]);
    let late = shop.boss.order(&id).await.expect(200);
    assert_eq!(
        (&late["status"], &late["delayed_since"]),
        (&json!("store_notified"), &at(&placed, 600))
    );
    assert_eq!(late["deadline"], at(&placed, 900));

    assert_eq!((shop.sweep_after(299).await, shop.sweep_after(1).await), (0, 1));
    let louder = "high late_acknowledgement by sweep";
    assert_eq!(shop.happened(&id).await, [alert, louder]);

    assert_eq!((shop.sweep_after(299).await, shop.sweep_after(1).await), (0, 1));
    assert_eq!(shop.happened(&id).await, [alert, louder, "status_changed by sweep: cancelled"]);
    let history = shop.boss.history(&id).await.expect(200);
    assert_eq!(history["events"][4]["message"], "No store acknowledged the order in time.");
    let over = shop.boss.order(&id).await.expect(200);
    assert_eq!((&over["deadline"], &over["delayed_since"]), (&Value::Null, &Value::Null));
    assert_eq!(shop.sweep_after(365 * 24 * 60 * 60).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_store_is_asked_where_there_is_one_and_then_no_other() {
    let shop = Shop::open().await;
    shop.set(&json!({ "fallback_store": "s2" })).await;
    let id = shop.order().await;
    // Later settings apply to later orders only.
    shop.set(&json!({ "fallback_store": "s3" })).await;
    for seconds in [600, 300, 300] {
        assert_eq!(shop.sweep_after(seconds).await, 1);
    }
    let asked = shop.boss.order(&id).await.expect(200);
    assert_eq!((&asked["status"], &asked["store"]), (&json!("store_notified"), &json!("s2")));
    assert_eq!((&asked["delayed_since"], &asked["deadline"]), (&Value::Null, &at(&asked, 600)));
    let history = shop.boss.history(&id).await.expect(200);
    assert_eq!(
        history["events"][4]["data"],
        json!({ "store": "s1", "reason": "not acknowledged in time" })
    );
    let gone = shop.app.client(people::store("m1", "s1")).await;
    gone.order(&id).await.problem(404, "not-found");

    for seconds in [600, 300, 300] {
        assert_eq!(shop.sweep_after(seconds).await, 1);
    }
    assert_eq!(shop.status(&id).await, "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_carries_it_people_are_told_again_and_again_and_less_and_less() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    shop.operate(&id, &["acknowledge", "start-picking", "ready"]).await;
    let minutes = [10, 5, 10, 20, 40, 60, 60, 60];
    for minute in minutes {
        assert_eq!((shop.sweep_after(minute * 60 - 1).await, shop.sweep_after(1).await), (0, 1));
    }
    let happened = shop.happened(&id).await;
    assert_eq!(happened[3..], ["medium no_driver by sweep"; 8]);
    shop.boss.assign(&id, "d1").await.expect(200);
    let carried = shop.boss.order(&id).await.expect(200);
    assert_eq!(
        (&carried["delayed_since"], &carried["deadline"]),
        (&Value::Null, &at(&carried, 1800))
    );
}

/// All limits expire while no sweep runs: each escalation step still happens once, with its own
/// time to react to it.
#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_without_a_sweep_nothing_is_left_out_and_nothing_comes_twice() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    assert_eq!(shop.sweep_after(24 * 60 * 60).await, 1);
    assert_eq!(shop.sweep_after(0).await, 0);
    assert_eq!((shop.sweep_after(299).await, shop.sweep_after(1).await), (0, 1));
    assert_eq!((shop.sweep_after(299).await, shop.sweep_after(1).await), (0, 1));
    let happened = [
        "medium late_acknowledgement by sweep",
        "high late_acknowledgement by sweep",
        "status_changed by sweep: cancelled",
    ];
    assert_eq!(shop.happened(&id).await, happened);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchant_has_limits_of_its_own() {
    let shop = Shop::open().await;
    let limits = json!({
        "grocery": { "store_notified": 60, "picking_in_progress": 0 },
        "courier": { "created": 120 },
    });
    shop.set(&json!({ "limits": limits })).await;
    let stored = shop.boss.get("/merchants/m1/settings").await.expect(200);
    assert_eq!(stored["limits"], limits);
    let (groceries, courier) = (shop.order().await, shop.place(&order("m1", "c1")).await);
    let ops = shop.app.ops().await;
    let others = ops.create(&grocery("m2", "s1", "c1")).await.expect(201);
    assert_eq!(others["deadline"], at(&others, 600), "of another merchant");

    assert_eq!(shop.sweep_after(60).await, 1);
    assert_eq!(shop.happened(&groceries).await, ["medium late_acknowledgement by sweep"]);
    shop.operate(&groceries, &["acknowledge", "start-picking"]).await;
    let picking = shop.boss.order(&groceries).await.expect(200);
    assert_eq!(picking["deadline"], Value::Null, "for as long as it takes");

    assert_eq!(shop.sweep_after(60).await, 1);
    let history = shop.boss.history(&courier).await.expect(200);
    let alert = &history["events"][1]["data"];
    assert_eq!(
        *alert,
        json!({ "alert": { "type": "no_driver", "severity": "medium" }, "limit_seconds": 120 })
    );

    for wrong in [json!(59), json!(-1), json!(2_592_001), json!("60"), json!(60.5)] {
        let body = json!({ "limits": { "parcel": { "shipped": wrong } } });
        let request = shop.boss.request(reqwest::Method::PUT, "/merchants/m1/settings");
        let problem = shop.boss.send(request.json(&body)).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], "/limits/parcel/shipped");
    }
}
