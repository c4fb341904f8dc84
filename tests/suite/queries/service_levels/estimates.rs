//! The accuracy of estimates in the report is the one that anybody can compute from histories.

use clock::Timestamp;
use serde_json::{Value, json};

use super::naive::percentile;
use super::{PATH, report};
use crate::drivers::on_duty;
use crate::harness::chance::{Chance, Seed};
use crate::harness::{App, Client, Stopped, id_of, order, people};

const ORDERS: u32 = 24;

/// Has a driver bring an order, not always at the first try, and not always at all.
async fn bring(app: &App, time: &Stopped, own: &Client, chance: &mut Chance) -> String {
    let ops = app.ops().await;
    let north = |metres: f64| 51.5 + metres / 111_195.0;
    let place = |metres| json!({ "text": "1 Mill Lane", "location": { "lat": north(metres), "lng": -0.1 } });
    let mut body = order("m1", "c1");
    body["addresses"] = json!({ "pickup": place(0.0), "dropoff": place(2_000.0) });
    let id = id_of(&ops.create(&body).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    let step = async |name: &str, body: Value| {
        own.operate(&id, name, &body).await.expect(200);
    };
    let drive = async |chance: &mut Chance| {
        for _ in 0..chance.below(3) {
            time.forward(chance.pick(&[10, 60, 300]));
            let metres = chance.pick(&[20.0, 600.0, 1_500.0]);
            let fix = json!({ "at": time.clock().now(), "lat": north(metres), "lng": -0.1 });
            let upload = json!({ "fixes": [fix] });
            own.post("/drivers/d1/positions", &upload).await.expect(200);
        }
        time.forward(chance.pick(&[1, 90, 400, 900]));
    };
    drive(chance).await;
    step("pickup", json!({})).await;
    drive(chance).await;
    step("depart", json!({})).await;
    if chance.percent(30) {
        drive(chance).await;
        step("delivery-failed", json!({ "reason": "nobody is in" })).await;
        step("retry", json!({})).await;
    }
    drive(chance).await;
    if chance.percent(80) {
        step("deliver", json!({})).await;
    } else {
        ops.operate(&id, "cancel", &json!({ "reason": "lost" })).await.expect(200);
    }
    id
}

/// Returns the time by which an order was delivered later than first estimated on its last way to the
/// customer, in seconds; `None` if it was not delivered, or not estimated.
fn late(history: &[Value]) -> Option<i64> {
    let time = |value: &Value| {
        Timestamp::parse(value.as_str().expect("a time")).expect("a time").epoch_seconds()
    };
    let (mut estimated, mut late) = (None, None);
    for event in history {
        match event["type"].as_str().expect("a type") {
            "delivery_failed" => estimated = None,
            "eta_changed" if event["status"] != "driver_assigned" => {
                estimated = estimated.or(Some(time(&event["data"]["arrives_at"])));
            }
            "delivered" => late = estimated.map(|estimated| time(&event["at"]) - estimated),
            _ => {}
        }
    }
    late
}

#[tokio::test(flavor = "multi_thread")]
async fn the_accuracy_of_estimates_is_what_anybody_computes_from_histories() {
    let mut chance = Seed::of("QUERIES_SEED").chance();
    let time = Stopped::at("2026-11-21T08:00:00Z");
    let app = App::start_at(&time).await;
    on_duty(&app, "d1", 5).await;
    let (ops, own) = (app.ops().await, app.client(people::driver("d1")).await);
    let mut all = Vec::new();
    for _ in 0..ORDERS {
        let id = bring(&app, &time, &own, &mut chance).await;
        let history = ops.history(&id).await.expect(200);
        all.extend(late(history["events"].as_array().expect("events")));
    }
    let mut errors: Vec<_> = all.iter().map(|late| late.abs()).collect();
    errors.sort_unstable();
    let count = i64::try_from(all.len()).expect("a count");
    assert!(count > 5, "{count} estimates are too few");
    let expected = json!({
        "count": count,
        "bias_seconds": all.iter().sum::<i64>() / count,
        "p50_error_seconds": percentile(&errors, 50),
        "p90_error_seconds": percentile(&errors, 90),
    });
    let (found, _) = report(&ops, "merchant=m1").await;
    assert_eq!(found["estimates"], expected);
    let none = ops.get(&format!("{PATH}?merchant=m2")).await.expect(200);
    assert_eq!(none.get("estimates"), None);
}
