//! Orders on autopilot.

use serde_json::{Value, json};

use super::{Shop, at};
use crate::harness::order;

fn parcel(autopilot: &Value) -> Value {
    let mut parcel = order("m1", "c1");
    (parcel["workflow"], parcel["autopilot"]) = (json!("parcel"), autopilot.clone());
    parcel
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_takes_its_own_way_a_step_at_a_time() {
    let shop = Shop::open().await;
    let id = shop.place(&parcel(&json!({ "step_seconds": 60 }))).await;
    let placed = shop.boss.order(&id).await.expect(200);
    assert_eq!(
        (&placed["autopilot"], &placed["deadline"]),
        (&json!({ "step_seconds": 60 }), &at(&placed, 60))
    );
    for status in ["processing", "shipped", "delivered"] {
        assert_eq!((shop.sweep_after(59).await, shop.sweep_after(1).await), (0, 1));
        assert_eq!(shop.status(&id).await, status);
    }
    let history = shop.boss.history(&id).await.expect(200);
    for event in &history["events"].as_array().expect("events")[1..] {
        assert_eq!(event["actor"], json!({ "role": "system", "id": "autopilot" }));
    }
    let delivered = shop.boss.order(&id).await.expect(200);
    assert_eq!(delivered["delivered_at"], at(&placed, 180));
    assert_eq!(shop.sweep_after(365 * 24 * 60 * 60).await, 0);
}

/// A manual change to a failed delivery stops the autopilot; a retry resumes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_parcel_can_be_taken_off_its_way() {
    let shop = Shop::open().await;
    let id = shop.place(&parcel(&json!({ "step_seconds": 60 }))).await;
    for _ in 0..2 {
        assert_eq!(shop.sweep_after(60).await, 1);
    }
    shop.boss.move_to(&id, "delivery_failed").await.expect(200);
    let failed = shop.boss.order(&id).await.expect(200);
    assert_eq!(failed["deadline"], at(&failed, 2 * 24 * 60 * 60), "the limit of its table");
    assert_eq!(shop.sweep_after(60).await, 0);
    shop.operate(&id, &["retry"]).await;
    assert_eq!(shop.sweep_after(60).await, 1);
    assert_eq!(shop.status(&id).await, "delivered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_move_by_itself_is_not_placed_so() {
    let shop = Shop::open().await;
    let mut with_code = parcel(&json!({ "step_seconds": 60 }));
    with_code["handover_code"] = json!("4711");
    let mut courier = parcel(&json!({ "step_seconds": 60 }));
    courier["workflow"] = json!("courier");
    for (body, pointer) in [
        (parcel(&json!({ "step_seconds": 59 })), "/autopilot/step_seconds"),
        (parcel(&json!({ "step_seconds": 604_801 })), "/autopilot/step_seconds"),
        (parcel(&json!({})), "/autopilot/step_seconds"),
        (parcel(&json!(true)), "/autopilot"),
        (with_code, "/autopilot"),
        (courier, "/autopilot"),
    ] {
        let problem = shop.boss.create(&body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
}
