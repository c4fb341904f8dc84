//! The people who receive positions of an order.

use serde_json::{Value, json};

use super::{Scene, received, set_duty};
use crate::harness::{App, Live, Stopped, order, people};

/// Those who can follow an order of store s1 of m1, for c1, driven by d1.
fn followers() -> [(&'static str, Value); 6] {
    [
        ("ops", people::ops()),
        ("support", people::support()),
        ("merchant", people::merchant("m1")),
        ("store", people::store("m1", "s1")),
        ("driver", people::driver("d1")),
        ("customer", people::customer("m1", "c1")),
    ]
}

const INSIDERS: [&str; 3] = ["ops", "support", "driver"];
const EVERYBODY: [&str; 6] = ["ops", "support", "merchant", "store", "driver", "customer"];
const WITHOUT_CUSTOMER: [&str; 5] = ["ops", "support", "merchant", "store", "driver"];

/// The driver moves and the position is relayed; returns those who received it.
async fn told(
    scene: &mut Scene,
    lat: f64,
    listening: &mut [(&'static str, Live)],
) -> Vec<&'static str> {
    scene.moves("d1", lat).await;
    scene.relay_all().await;
    let mut told = Vec::new();
    for (name, live) in listening {
        let positions = received(live).await;
        assert!(positions.iter().all(|it| it["lat"] == lat), "{name}: {positions:?}");
        assert!(positions.len() <= 1, "{name}: {positions:?}");
        told.extend((!positions.is_empty()).then_some(*name));
    }
    told
}

async fn all_listen(scene: &Scene, id: &str) -> Vec<(&'static str, Live)> {
    let mut listening = Vec::new();
    for (name, person) in followers() {
        listening.push((name, scene.follow(person, id).await));
    }
    for stranger in people::strangers() {
        let mut live = scene.app.live(&scene.app.client(stranger).await).await;
        let topic = format!("order:{id}");
        assert_eq!(live.ask("subscribe", &topic).await["type"], "problem");
    }
    listening
}

#[tokio::test(flavor = "multi_thread")]
async fn a_position_reaches_those_who_may_see_it_and_nobody_else() {
    for is_own in [false, true] {
        let mut scene = Scene::start().await;
        scene.driver("d1", is_own).await;
        let id = scene.order("c1", 51.52, "d1").await;
        let mut listening = all_listen(&scene, &id).await;
        scene.moves("d1", 51.5).await;
        scene.relay_all().await;
        for (_, live) in &mut listening {
            received(live).await;
        }
        let returning = if is_own { &WITHOUT_CUSTOMER[..] } else { &INSIDERS };
        for (status, lat, expected) in [
            (None, 51.501, &INSIDERS[..]),
            (Some("picked_up"), 51.502, &EVERYBODY),
            (Some("in_transit"), 51.503, &EVERYBODY),
            (Some("delivery_failed"), 51.504, &EVERYBODY),
            (Some("returning"), 51.505, returning),
            (Some("returned"), 51.506, &[]),
        ] {
            if let Some(status) = status {
                scene.ops.move_to(&id, status).await.expect(200);
            }
            assert_eq!(
                told(&mut scene, lat, &mut listening).await,
                expected,
                "{is_own} {status:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_receives_the_position_of_a_driver_off_duty() {
    let mut scene = Scene::start().await;
    scene.driver("d1", true).await;
    let id = scene.order("c1", 51.52, "d1").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    scene.moves("d1", 51.5).await;
    let mut listening = all_listen(&scene, &id).await;
    assert_eq!(told(&mut scene, 51.501, &mut listening).await, EVERYBODY);
    let off = json!({ "on_duty": false, "force": true });
    set_duty(&scene.ops, "d1", &off).await.expect(200);
    assert_eq!(told(&mut scene, 51.502, &mut listening).await, [""; 0]);
    set_duty(&scene.ops, "d1", &json!({ "on_duty": true })).await.expect(200);
    assert_eq!(told(&mut scene, 51.503, &mut listening).await, EVERYBODY);
}

/// While another door comes first, the customer learns the part of the town only.
#[tokio::test(flavor = "multi_thread")]
async fn a_position_is_coarse_while_another_stop_comes_first() {
    let mut scene = Scene::start().await;
    scene.driver("d1", true).await;
    let (id, other) = (scene.order("c1", 51.52, "d1").await, scene.order("c2", 51.501, "d1").await);
    for id in [&id, &other] {
        scene.ops.move_to(id, "picked_up").await.expect(200);
    }
    scene.moves("d1", 51.497).await;
    let mut customer = scene.follow(people::customer("m1", "c1"), &id).await;
    let mut merchant = scene.follow(people::merchant("m1"), &id).await;
    let mut neighbour = scene.follow(people::customer("m1", "c2"), &other).await;
    scene.relay_all().await;
    for live in [&mut customer, &mut merchant, &mut neighbour] {
        received(live).await;
    }

    scene.moves("d1", 51.5).await;
    scene.relay_all().await;
    // By car at 6.9 m/s, by streets 1.35 times as long, with two minutes at a door.
    let exact = |order: &str, stops_before: u64, seconds: i64| {
        let eta = scene.now().plus_seconds(seconds);
        json!([{
            "order_id": order, "at": scene.now(), "lat": 51.5, "lng": 0.0, "precision": "exact",
            "accuracy": 8.0, "heading": 90.0, "speed": 4.5, "stops_before": stops_before,
            "eta": eta,
        }])
    };
    let coarse = received(&mut customer).await;
    assert_eq!(coarse.len(), 1);
    let (lat, lng) = (coarse[0]["lat"].as_f64().unwrap(), coarse[0]["lng"].as_f64().unwrap());
    assert!((lat - 51.5).abs() < 0.006 && (lat - 51.5).abs() > 1e-4, "{coarse:?}");
    assert!((lng - 0.0).abs() < 0.012, "{coarse:?}");
    let expected = json!([{
        "order_id": id, "at": scene.now(), "lat": lat, "lng": lng, "precision": "coarse",
        "stops_before": 1,
    }]);
    assert_eq!(json!(coarse), expected);
    assert_eq!(json!(received(&mut merchant).await), exact(&id, 1, 436 + 120));
    assert_eq!(json!(received(&mut neighbour).await), exact(&other, 0, 22));

    for status in ["in_transit", "delivered"] {
        scene.ops.move_to(&other, status).await.expect(200);
    }
    for (lat, precision) in [(51.502, "coarse"), (51.503, "exact")] {
        scene.moves("d1", lat).await;
        scene.relay_all().await;
        let alone = received(&mut customer).await;
        assert_eq!(alone[0]["precision"], precision, "{alone:?}");
        assert_eq!(alone[0]["lat"] == lat, precision == "exact", "{alone:?}");
        scene.time.forward(110);
    }
    assert_eq!(received(&mut neighbour).await, Vec::<Value>::new(), "it is delivered");
}

/// One post for each connection and batch.
#[tokio::test(flavor = "multi_thread")]
async fn the_positions_of_a_batch_are_one_message() {
    let mut scene = Scene::start().await;
    let mut live = scene.app.live(&scene.ops).await;
    for driver in ["d1", "d2", "d3"] {
        scene.driver(driver, false).await;
        let id = scene.order("c1", 51.52, driver).await;
        scene.moves(driver, 51.5).await;
        live.subscribe(&format!("order:{id}")).await;
    }
    for lat in [51.501, 51.502, 51.503] {
        for driver in ["d1", "d2", "d3"] {
            scene.moves(driver, lat).await;
        }
    }
    scene.relay_all().await;
    let frames = live.until_pong().await;
    assert_eq!(frames.len(), 1, "{frames:?}");
    let lats: Vec<_> =
        frames[0]["positions"].as_array().unwrap().iter().map(|it| &it["lat"]).collect();
    assert_eq!(lats, [51.503, 51.503, 51.503], "the newest of each");
}

/// The whole way: a subscription, an upload, the stream with its filter, a message.
#[tokio::test(flavor = "multi_thread")]
async fn the_stream_brings_positions_of_watched_drivers() {
    let time = Stopped::at("2026-11-21T12:00:00Z");
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    super::register_on_duty(&ops, &json!({ "driver": "d1" })).await;
    let id = ops.create(&order("m1", "c1")).await.expect(201)["id"].as_str().unwrap().to_owned();
    ops.assign(&id, "d1").await.expect(200);
    ops.move_to(&id, "picked_up").await.expect(200);
    let own = app.client(people::driver("d1")).await;
    let upload = async |lat: f64| {
        time.forward(5);
        let fix = json!({ "at": time.clock().now(), "lat": lat, "lng": 0 });
        own.post("/drivers/d1/positions", &json!({ "fixes": [fix] })).await.expect(200)
    };
    upload(51.5).await;
    let mut live = app.live(&app.client(people::customer("m1", "c1")).await).await;
    live.send(&json!({ "action": "subscribe", "topic": format!("order:{id}") })).await;
    // The watch changes the driver's position, which is relayed as it is, perhaps before the response.
    let position = |frame: &Value| frame["positions"][0]["lat"].clone();
    let (one, other) = (live.next().await, live.next().await);
    let (position_now, response) =
        if one["type"] == "positions" { (one, other) } else { (other, one) };
    assert_eq!((&response["type"], position(&position_now)), (&json!("subscribed"), json!(51.5)));
    let advice = upload(51.501).await["next"].clone();
    assert_eq!(advice, json!({ "fix_every_s": 5, "send_every_s": 5 }));
    assert_eq!(position(&live.next().await), 51.501);
}
