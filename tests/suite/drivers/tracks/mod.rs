//! The tracks of drivers and of orders.

mod erasures;

use clock::Timestamp;
use serde_json::{Value, json};

use super::{on_duty, register, register_on_duty};
use crate::harness::{App, Client, Stopped, id_of, order, people};

const START: &str = "2026-11-21T11:00:00.000Z";

/// The time so many seconds after the start.
fn at(seconds: i64) -> Timestamp {
    Timestamp::parse(START).expect("a time").plus_seconds(seconds)
}

/// A fix on the way east at 8 m/s, this many seconds after the start.
fn fix(seconds: i64) -> Value {
    let lng = f64::from(i32::try_from(seconds).expect("an hour or two")) * 0.000_1;
    json!({ "at": at(seconds), "lat": 51.5, "lng": lng, "accuracy": 5 })
}

async fn send(client: &Client, driver: &str, fixes: &[Value]) {
    let path = format!("/drivers/{driver}/positions");
    for fixes in fixes.chunks(200) {
        client.post(&path, &json!({ "fixes": fixes })).await.expect(200);
    }
}

/// The seconds after the start of the points of a track.
fn seconds(track: &Value) -> Vec<i64> {
    let points = track["points"].as_array().expect("points").iter();
    let second = |point: &Value| {
        let at = point["at"].as_str().and_then(Timestamp::parse).expect("a time");
        at.epoch_seconds() - self::at(0).epoch_seconds()
    };
    points.map(second).collect()
}

fn period(from: i64, to: i64) -> String {
    format!("?from={}&to={}", at(from), at(to))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_has_every_fix_whatever_the_batches() {
    let time = Stopped::at(START);
    let app = App::start_at(&time).await;
    on_duty(&app, "d1", 3).await;
    time.forward(70 * 60);
    let own = app.client(people::driver("d1")).await;
    let all: Vec<_> = (0..400).map(|nth| fix(nth * 10)).collect();
    // The newest batch first, then the others, all of them backwards, and some twice.
    for batch in [9, 0, 1, 1, 2, 7, 6, 5, 8, 9, 4, 3] {
        let mut batch = all[batch * 40..][..40].to_vec();
        batch.reverse();
        send(&own, "d1", &batch).await;
    }
    let expected: Vec<_> = (0..400).map(|nth| nth * 10).collect();
    let track = own.get("/drivers/d1/track").await.expect(200);
    assert_eq!(seconds(&track), expected);
    assert_eq!(
        track["points"][3],
        json!({ "at": at(30), "lat": 51.5, "lng": 0.003, "accuracy": 5.0 })
    );
    assert_eq!(track["from"], json!(at(70 * 60 - 6 * 60 * 60)));
    let some = own.get(&format!("/drivers/d1/track{}", period(1_000, 1_050))).await.expect(200);
    assert_eq!(seconds(&some), [1_000, 1_010, 1_020, 1_030, 1_040, 1_050]);
    // A wrong one in between is left out, and the run is still there after it.
    let wrong = json!({ "at": at(1_005), "lat": 52.5, "lng": 0.1, "accuracy": 5 });
    send(&own, "d1", &[wrong]).await;
    assert_eq!(seconds(&own.get("/drivers/d1/track").await.expect(200)), expected);

    let accepts = own.request(reqwest::Method::GET, "/drivers/d1/track");
    let answer = own.send(accepts.header("accept", "application/geo+json")).await;
    assert_eq!(answer.header("content-type"), "application/geo+json");
    let feature = &answer.expect(200)["features"][0];
    assert_eq!(feature["geometry"]["type"], "LineString");
    assert_eq!(feature["geometry"]["coordinates"][399], json!([0.399, 51.5]));
    assert_eq!(feature["properties"]["coordTimes"].as_array().map(Vec::len), Some(400));

    for (query, field) in [
        (period(10, 10), "?to"),
        (period(0, 6 * 60 * 60 + 1), "?to"),
        (format!("?from={}", at(70 * 60)), "?from"),
        (String::from("?from=noon"), "?from"),
        (String::from("?since=2026-11-21"), "?since"),
    ] {
        let problem = own.get(&format!("/drivers/d1/track{query}")).await;
        let problem = problem.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field, "{problem}");
    }
}

/// A driver who stands is at one place, and so long.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_has_the_time_that_the_driver_was_there() {
    let time = Stopped::at(START);
    let app = App::start_at(&time).await;
    on_duty(&app, "d1", 3).await;
    time.forward(60 * 60);
    let own = app.client(people::driver("d1")).await;
    let standing = (1..10).map(|nth| json!({ "at": at(60 * nth), "lat": 51.5, "lng": 0.0 }));
    send(&own, "d1", &standing.collect::<Vec<_>>()).await;
    let track = own.get("/drivers/d1/track").await.expect(200);
    let here = json!([{ "at": at(60), "until": at(540), "lat": 51.5, "lng": 0.0 }]);
    assert_eq!(track["points"], here);
    let part = own.get(&format!("/drivers/d1/track{}", period(100, 200))).await.expect(200);
    let here = json!([{ "at": at(100), "until": at(180), "lat": 51.5, "lng": 0.0 }]);
    assert_eq!(part["points"], here);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drivers_track_is_its_own_and_its_fleets() {
    let app = App::start().await;
    let ops = app.ops().await;
    register(&ops, &json!({ "driver": "d1" })).await.expect(201);
    register(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await.expect(201);
    for (person, of_platform, of_own) in [
        (people::ops(), 200, 200),
        (people::support(), 403, 403),
        (people::merchant("m1"), 404, 200),
        (people::merchant("m2"), 404, 404),
        (people::store("m1", "s1"), 404, 403),
        (people::driver("d1"), 200, 404),
        (people::driver("own-1"), 404, 200),
        (people::customer("m1", "c1"), 404, 404),
    ] {
        let client = app.client(person.clone()).await;
        for (driver, expected) in [("d1", of_platform), ("own-1", of_own), ("nobody", 404)] {
            let answer = client.get(&format!("/drivers/{driver}/track")).await;
            let expected = if driver == "nobody" { 404 } else { expected };
            assert_eq!(answer.status, expected, "{person} {driver}: {answer:?}");
        }
    }
}

/// An order that `driver` has picked up after 200 seconds, in the place of the other driver.
struct Scene {
    app: App,
    time: Stopped,
    order: String,
}

impl Scene {
    async fn picked_up(driver: &str) -> Self {
        let time = Stopped::at(START);
        let app = App::start_at(&time).await;
        let ops = app.ops().await;
        register_on_duty(&ops, &json!({ "driver": "own-1", "merchant": "m1" })).await;
        on_duty(&app, "d2", 3).await;
        let mut body = order("m1", "c1");
        body["store"] = "s1".into();
        let order = id_of(&ops.create(&body).await.expect(201));
        let scene = Self { app, time, order };
        let other = if driver == "d2" { "own-1" } else { "d2" };
        scene.step("assign", json!({ "driver": other })).await;
        scene.time.forward(100);
        scene.step("assign", json!({ "driver": driver, "replace": true })).await;
        scene.time.forward(100);
        scene.step("pickup", json!({})).await;
        scene.step("depart", json!({})).await;
        scene.time.forward(100);
        scene
    }

    async fn step(&self, step: &str, body: Value) {
        self.app.ops().await.operate(&self.order, step, &body).await.expect(200);
    }
}

/// Neither the former driver's way is the order's, nor that of its driver before the pickup and after
/// the delivery.
#[tokio::test(flavor = "multi_thread")]
async fn an_orders_track_is_the_way_on_which_it_was_carried() {
    let scene = Scene::picked_up("d2").await;
    let ops = scene.app.ops().await;
    let fixes: Vec<_> = (1..30).map(|nth| fix(nth * 10)).collect();
    for driver in ["d2", "own-1"] {
        send(&ops, driver, &fixes).await;
    }
    let path = format!("/orders/{}/track", scene.order);
    let trips = async || {
        let track = ops.get(&path).await.expect(200);
        let trips = track["trips"].as_array().expect("trips").iter();
        let trip = |trip: &Value| (trip["driver"].clone(), seconds(trip), trip["to"].clone());
        trips.map(trip).collect::<Vec<_>>()
    };
    let tens = |from: i64, to: i64| (from / 10..=to / 10).map(|nth| nth * 10).collect::<Vec<_>>();
    assert_eq!(trips().await, [(json!("d2"), tens(200, 290), Value::Null)]);
    scene.step("deliver", json!({})).await;
    scene.time.forward(100);
    scene.step("reopen", json!({ "reason": "the wrong door" })).await;
    scene.time.forward(100);
    send(&ops, "d2", &[fix(299), fix(301), fix(350), fix(410), fix(420)]).await;
    let mut first = tens(200, 290);
    first.push(299);
    let first = (json!("d2"), first, json!(at(300)));
    assert_eq!(trips().await, [first, (json!("d2"), tens(410, 420), Value::Null)]);

    let accepts = ops.request(reqwest::Method::GET, &path).header("accept", "application/geo+json");
    let features = ops.send(accepts).await.expect(200)["features"].clone();
    let features = features.as_array().expect("features").iter();
    let lengths = features.map(|it| it["geometry"]["coordinates"].as_array().map(Vec::len));
    assert_eq!(lengths.collect::<Vec<_>>(), [Some(11), Some(2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_track_is_for_operations_and_the_merchant_of_the_fleet() {
    let strangers = [
        people::store("m1", "s2"),
        people::merchant("m2"),
        people::customer("m1", "c2"),
        people::driver("d9"),
    ];
    for (driver, is_own) in [("own-1", true), ("d2", false)] {
        let scene = Scene::picked_up(driver).await;
        let own = if is_own { Ok(1) } else { Ok(0) };
        let cases = [
            (people::ops(), Ok(1), Ok(1)),
            (people::support(), Ok(1), Ok(0)),
            (people::merchant("m1"), own, own),
            (people::store("m1", "s1"), own, Ok(0)),
            (people::driver(driver), Err(403), Err(403)),
            (people::customer("m1", "c1"), Err(403), Err(403)),
        ];
        let strange = strangers.clone().map(|person| (person, Err(404), Err(404)));
        let cases: Vec<_> = cases.into_iter().chain(strange).collect();
        let trips = async |person: &Value| {
            let client = scene.app.client(person.clone()).await;
            let answer = client.get(&format!("/orders/{}/track", scene.order)).await;
            let trips = answer.json()["trips"].as_array().map(Vec::len);
            trips.ok_or(answer.status)
        };
        for (person, open, _) in &cases {
            assert_eq!(trips(person).await, *open, "{person} {driver}");
        }
        scene.step("deliver", json!({})).await;
        for (person, _, closed) in &cases {
            assert_eq!(trips(person).await, *closed, "{person} {driver}");
        }
    }
}
