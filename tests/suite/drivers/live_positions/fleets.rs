//! Those who follow a fleet: where its drivers are.

use serde_json::{Value, json};

use super::{Scene, received, set_duty};
use crate::harness::{Live, people};

/// Starts with drivers p1 and p2 of the platform, and o1 and o2 of m1's own fleet, who have sent positions.
async fn start() -> Scene {
    let scene = Scene::start().await;
    for (driver, is_own) in [("p1", false), ("p2", false), ("o1", true), ("o2", true)] {
        scene.driver(driver, is_own).await;
        scene.moves(driver, 51.5).await;
    }
    scene
}

/// Subscribes to a fleet.
async fn follow(scene: &Scene, person: Value, topic: &str) -> Live {
    let mut live = scene.app.live(&scene.app.client(person).await).await;
    let subscribed = live.subscribe(topic).await;
    assert_eq!(subscribed["topic"], topic);
    live
}

/// Returns the driver and the latitude of each position that a client has received.
async fn drivers(live: &mut Live) -> Vec<(String, f64)> {
    let positions = received(live).await.into_iter();
    let place = |it: Value| (it["driver"].as_str().unwrap_or("?").to_owned(), it["lat"].as_f64());
    positions.map(place).map(|(driver, lat)| (driver, lat.expect("a latitude"))).collect()
}

fn at(driver: &str, lat: f64) -> (String, f64) {
    (driver.to_owned(), lat)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fleet_is_followed_by_operations_and_its_merchant_only() {
    let scene = start().await;
    let refused = [
        people::support(),
        people::store("m1", "s1"),
        people::merchant("m2"),
        people::driver("o1"),
        people::customer("m1", "c1"),
    ];
    for person in refused {
        let mut live = scene.app.live(&scene.app.client(person).await).await;
        for topic in ["fleet", "fleet:m1"] {
            for action in ["subscribe", "snapshot"] {
                let answer = live.ask(action, topic).await;
                assert_eq!(answer["problem"]["status"], 403, "{action} {topic} {answer}");
            }
        }
    }
    let mut live = scene.app.live(&scene.app.client(people::merchant("m1")).await).await;
    assert_eq!(live.ask("subscribe", "fleet").await["problem"]["status"], 403);
    live.subscribe("fleet:m1").await;
}

/// Operations see all on duty, and the merchant those who carry its orders.
#[tokio::test(flavor = "multi_thread")]
async fn followers_of_a_fleet_see_its_drivers_move() {
    let mut scene = start().await;
    scene.relay_all().await;
    let mut platform = follow(&scene, people::ops(), "fleet").await;
    let mut own = follow(&scene, people::ops(), "fleet:m1").await;
    let mut merchant = follow(&scene, people::merchant("m1"), "fleet:m1").await;
    let id = scene.order("c1", 51.52, "o1").await;
    for (driver, lat) in [("p1", 51.501), ("o1", 51.502), ("o2", 51.503)] {
        scene.moves(driver, lat).await;
        scene.relay_all().await;
    }
    assert_eq!(drivers(&mut platform).await, [at("p1", 51.501)]);
    assert_eq!(drivers(&mut own).await, [at("o1", 51.502), at("o2", 51.503)]);
    assert_eq!(drivers(&mut merchant).await, [], "no order is picked up");
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    scene.moves("o1", 51.504).await;
    scene.moves("o2", 51.505).await;
    scene.relay_all().await;
    assert_eq!(drivers(&mut own).await, [at("o1", 51.504), at("o2", 51.505)]);
    let seen = received(&mut merchant).await;
    let view = json!({
        "driver": "o1",
        "merchant": "m1",
        "at": seen[0]["at"],
        "lat": 51.504,
        "lng": 0.0,
        "accuracy": 8.0,
        "speed": 4.5,
        "heading": 90.0,
    });
    assert_eq!(seen, [view]);
}

/// What happens while a record waits hides the position: an end of duty from all, and the end of the only
/// order from the merchant.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_waited_shows_what_is_seen_by_then() {
    for change in ["off duty", "delivered", "cancelled"] {
        let mut scene = start().await;
        let id = scene.order("c1", 51.52, "o1").await;
        scene.ops.move_to(&id, "picked_up").await.expect(200);
        scene.relay_all().await;
        let mut ops = follow(&scene, people::ops(), "fleet:m1").await;
        let mut merchant = follow(&scene, people::merchant("m1"), "fleet:m1").await;
        scene.moves("o1", 51.501).await;
        let ops_see = match change {
            "off duty" => {
                let off = json!({ "on_duty": false, "force": true });
                set_duty(&scene.ops, "o1", &off).await.expect(200);
                vec![]
            }
            "delivered" => {
                for status in ["in_transit", "delivered"] {
                    scene.ops.move_to(&id, status).await.expect(200);
                }
                vec![at("o1", 51.501)]
            }
            _ => {
                scene.ops.move_to(&id, change).await.expect(200);
                vec![at("o1", 51.501)]
            }
        };
        scene.relay_all().await;
        assert_eq!(drivers(&mut ops).await, ops_see, "{change}");
        assert_eq!(drivers(&mut merchant).await, [], "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_a_fleet_says_where_its_drivers_are() {
    let scene = start().await;
    let id = scene.order("c1", 51.52, "o1").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    scene.moves("o1", 51.501).await;
    set_duty(&scene.ops, "p2", &json!({ "on_duty": false })).await.expect(200);
    for (person, topic, expected) in [
        (people::ops(), "fleet", vec![at("p1", 51.5)]),
        (people::ops(), "fleet:m1", vec![at("o1", 51.501), at("o2", 51.5)]),
        (people::merchant("m1"), "fleet:m1", vec![at("o1", 51.501)]),
    ] {
        let mut live = follow(&scene, person, topic).await;
        live.send(&json!({ "action": "snapshot", "topic": topic })).await;
        let frames = live.until_pong().await;
        let [positions, page] = &frames[..] else { panic!("{frames:?}") };
        let positions = positions["positions"].as_array().expect("positions").iter();
        let found =
            positions.map(|it| at(it["driver"].as_str().unwrap(), it["lat"].as_f64().unwrap()));
        let mut found: Vec<_> = found.collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        assert_eq!(found, expected, "{topic}");
        let empty = json!({ "type": "snapshot", "topic": topic, "orders": [], "next": null });
        assert_eq!(*page, empty);
        let since = json!({
            "action": "recheck", "topic": topic, "since": "2026-11-21T12:00:00.000Z",
        });
        let synced = json!({ "type": "synced", "topic": topic, "orders": [], "next": null });
        assert_eq!(live.say(&since).await, synced);
        let fetch = json!({ "action": "fetch", "topic": topic, "orders": [id] });
        let fetched = json!({ "type": "fetched", "topic": topic, "orders": [], "gone": [id] });
        assert_eq!(live.say(&fetch).await, fetched);
    }
}

/// A page has 50 drivers, and the pages together have all of them once.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_fleet_is_read_in_pages() {
    let scene = Scene::start().await;
    let all: Vec<_> = (0..60).map(|n| format!("d{n:02}")).collect();
    for driver in &all {
        scene.driver(driver, false).await;
        scene.moves(driver, 51.5).await;
    }
    let mut live = follow(&scene, people::ops(), "fleet").await;
    let (mut found, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
    loop {
        live.send(&json!({ "action": "snapshot", "topic": "fleet", "cursor": cursor })).await;
        for frame in live.until_pong().await {
            let positions = frame["positions"].as_array().into_iter().flatten();
            found.extend(positions.map(|it| it["driver"].as_str().unwrap().to_owned()));
            if frame["type"] == "snapshot" {
                cursor = frame["next"].clone();
            }
        }
        pages += 1;
        if cursor.is_null() {
            break;
        }
    }
    found.sort();
    assert_eq!((found, pages), (all, 2));
}

/// Those of a watched fleet send each 15 seconds, with orders or without, until the watch ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_watched_fleet_sends_positions_more_often() {
    let mut scene = start().await;
    let mut brief = people::ops();
    brief["expires_in"] = json!(600);
    let _live = follow(&scene, brief, "fleet").await;
    let every =
        |next: &Value| (next["next"]["fix_every_s"].clone(), next["next"]["send_every_s"].clone());
    assert_eq!(every(&scene.moves("p1", 51.501).await), (json!(15), json!(15)));
    assert_eq!(every(&scene.moves("o1", 51.501).await), (json!(60), json!(120)), "another fleet");
    let id = scene.order("c1", 51.52, "p1").await;
    scene.follow(people::customer("m1", "c1"), &id).await;
    assert_eq!(every(&scene.moves("p1", 51.502).await), (json!(5), json!(5)), "somebody waits");
    scene.time.forward(600);
    assert_eq!(every(&scene.moves("p2", 51.503).await), (json!(60), json!(120)));
    let images = scene.last().await;
    let last = images.last().expect("a record");
    assert_eq!(
        last["dynamodb"]["NewImage"].get("fleet_until"),
        None,
        "nothing is relayed any more"
    );
}

/// A large fleet is published once a second, each driver at the last place, and its followers get
/// nothing else twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_fleet_is_published_once_a_second() {
    let mut scene = start().await;
    let all: Vec<_> = (0..11).map(|n| format!("q{n:02}")).collect();
    for driver in &all {
        scene.driver(driver, false).await;
    }
    let id = scene.order("c1", 51.52, "p1").await;
    scene.ops.move_to(&id, "picked_up").await.expect(200);
    let mut live = follow(&scene, people::ops(), "fleet").await;
    let mut customer = scene.follow(people::customer("m1", "c1"), &id).await;
    for driver in &all {
        scene.moves(driver, 51.501).await;
    }
    scene.relay_all().await;
    assert_eq!(drivers(&mut live).await.len(), all.len());
    scene.moves("p1", 51.501).await;
    scene.moves("p2", 51.502).await;
    let mut records = scene.last().await;
    let p2 = records.split_off(records.len() - 1);
    // A burst of others, and these within the second.
    for driver in &all {
        scene.moves(driver, 51.503).await;
    }
    let burst = scene.last().await;
    scene.relay(&burst).await;
    assert_eq!(drivers(&mut live).await.len(), all.len());
    scene.relay(&records).await;
    scene.relay(&p2).await;
    assert_eq!(drivers(&mut live).await, [], "within the second");
    assert_eq!(received(&mut customer).await.len(), 1, "an order is not its fleet");
    scene.moves("q00", 51.504).await;
    scene.relay_all().await;
    let mut found = drivers(&mut live).await;
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(found, [at("p1", 51.501), at("p2", 51.502), at("q00", 51.504)]);
    assert_eq!(received(&mut customer).await, Vec::<Value>::new(), "not twice");
}
