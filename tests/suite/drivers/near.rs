//! The drivers near a point.

use serde_json::{Value, json};

use super::positions::{fix, send, started};
use super::{on_duty, register, set_duty};
use crate::harness::{Client, people};

/// Returns the drivers near a point with their distances and the ages of their positions.
pub(super) async fn drivers_near(
    client: &Client,
    point: &str,
    more: &str,
) -> Vec<(String, u64, u64)> {
    let listed = client.get(&format!("/drivers?near={point}{more}")).await.expect(200);
    assert_eq!(listed["next"], Value::Null);
    let number = |value: &Value| value.as_u64().expect("a number");
    let drivers = listed["drivers"].as_array().expect("drivers").iter();
    let driver = |it: &Value| {
        let id = it["driver"].as_str().expect("an id").to_owned();
        (id, number(&it["distance_m"]), number(&it["position_age_s"]))
    };
    drivers.map(driver).collect()
}

fn ids(drivers: &[(String, u64, u64)]) -> Vec<&str> {
    drivers.iter().map(|(id, ..)| id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_drivers_of_the_fleet_are_listed() {
    let (app, time, own) = started().await;
    let ops = app.ops().await;
    let owner = app.client(people::merchant("m1")).await;
    for driver in ["d2", "d3", "d4"] {
        on_duty(&app, driver, 1).await;
    }
    register(&ops, &json!({ "driver": "d5" })).await.expect(201);
    register(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await.expect(201);
    set_duty(&ops, "own-1", &json!({ "on_duty": true })).await.expect(200);
    // A thousandth of a degree of latitude is 111 m; `d3` is too far, and `d4` has sent nothing.
    let order = app.place_order().await;
    ops.assign(&order, "d1").await.expect(200);
    send(&own, "d1", &[fix(0, 51.502, -0.1)]).await.expect(200);
    send(&ops, "d2", &[fix(-30, 51.504, -0.1)]).await.expect(200);
    send(&ops, "d3", &[fix(-30, 51.7, -0.1)]).await.expect(200);
    send(&owner, "own-1", &[fix(-30, 51.5, -0.1)]).await.expect(200);
    time.forward(60);
    let near = async |more: &str| drivers_near(&ops, "51.5,-0.1", more).await;
    let all = [("d2".to_owned(), 445, 30), ("d1".to_owned(), 222, 60)];
    assert_eq!(near("").await, all, "an order counts as 500 m");
    assert_eq!(near("&on_duty=true").await, all);
    assert_eq!(ids(&near("&merchant=m1").await), ["own-1"]);
    assert_eq!(ids(&drivers_near(&owner, "51.5,-0.1", "").await), ["own-1"]);
    ops.assign(&app.place_order().await, "d2").await.expect(200);
    assert_eq!(ids(&near("&available=true").await), ["d1"], "d2 is full");
    assert_eq!(ids(&near("").await), ["d1", "d2"]);
    time.forward(121);
    send(&ops, "d2", &[fix(-180, 51.505, -0.1)]).await.expect(200);
    assert_eq!(ids(&near("").await), ["d2", "d1"], "the position of d1 is old");
    assert!(drivers_near(&ops, "-51.5,179.9", "").await.is_empty());

    for query in ["near=51.5", "near=91,0", "near=51.5,-0.1&near=51.5,-0.1"] {
        ops.get(&format!("/drivers?{query}")).await.problem(422, "invalid-fields");
    }
    let cursor = ops.get("/drivers?near=51.5,-0.1&cursor=x").await.problem(422, "invalid-fields");
    assert_eq!(cursor["errors"][0]["pointer"], "?cursor");
    let stranger = app.client(people::driver("d1")).await;
    stranger.get("/drivers?near=51.5,-0.1").await.problem(404, "not-found");
    owner.get("/drivers?near=51.5,-0.1&merchant=m2").await.problem(404, "not-found");
}

/// More drivers than a read returns: the search goes on in one cell, past drivers who are full.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_of_many_drivers_are_listed() {
    let (app, _, _) = started().await;
    let ops = app.ops().await;
    // All in one cell, at the corner of four, on the date line.
    for nth in 0..40_u32 {
        let driver = format!("many-{nth:02}");
        on_duty(&app, &driver, 1).await;
        let lat = 0.000_1 + f64::from(nth) / 1_000_000.0;
        send(&ops, &driver, &[fix(-1, lat, 179.999_9)]).await.expect(200);
        if nth < 35 {
            ops.assign(&app.place_order().await, &driver).await.expect(200);
        }
    }
    let found = drivers_near(&ops, "-0.0001,-179.9999", "").await;
    assert_eq!(found.len(), 20);
    let free = drivers_near(&ops, "-0.0001,-179.9999", "&available=true").await;
    assert_eq!(ids(&free), ["many-35", "many-36", "many-37", "many-38", "many-39"]);
}
