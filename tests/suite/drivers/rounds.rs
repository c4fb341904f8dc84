//! Automatic dispatch: the rounds in which Waybill looks for a driver, over HTTP.

use std::ops::Deref;

use clock::Timestamp;
use db::{StoredDriver, Whereabouts};
use domain::{
    Capacity, Cell, DriverId, Fix, Fleet, Location, Name, Profile, Roster, Vehicle, Version,
};
use emulator::Streams;
use emulator::transport::{Call, Fault};
use futures_util::future::{join, join_all};
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, hold, on_duty, orders_of, register_on_duty, set_duty};
use crate::harness::{
    App, Client, Stopped, chance, eventually, grocery, id_of, is_embedded, order, people, stored,
};
use crate::permissions::lose_a_response;
use crate::race::conflicts_now_and_then;

/// The number of orders that several calls of dispatch decide on at once.
const RACES: usize = 40;

/// The latitude of a place some metres north of the pickup.
fn north(metres: f64) -> f64 {
    51.5 + metres / 111_195.0
}

/// An app on a stopped clock, whose merchant `m1` finds drivers in this way.
struct Scene<A> {
    time: Stopped,
    app: A,
}

impl Scene<Box<App>> {
    async fn start(streams: Streams, dispatch: Value) -> Self {
        let time = Stopped::at("2026-11-21T12:00:00Z");
        let app = App::start_with(|options| {
            options.clock = time.clock();
            options.streams = streams;
        })
        .await;
        let scene = Self { time, app: Box::new(app) };
        scene.set_dispatch(dispatch).await;
        scene
    }
}

impl<A: Deref<Target = App>> Scene<A> {
    async fn set_dispatch(&self, dispatch: Value) {
        let ops = self.app.ops().await;
        let body = json!({ "dispatch": dispatch });
        let request = ops.request(Method::PUT, "/merchants/m1/settings").json(&body);
        let mut set = ops.send(request).await.expect(200)["dispatch"].clone();
        set.as_object_mut().unwrap().retain(|name, _| dispatch.get(name).is_some());
        assert_eq!(set, dispatch);
    }

    fn now(&self) -> Timestamp {
        self.time.clock().now()
    }

    /// Has a driver report a position some metres north of the pickup.
    async fn stand(&self, driver: &str, metres: f64) {
        let own = self.app.client(people::driver(driver)).await;
        let fix = json!({ "at": self.now(), "lat": north(metres), "lng": -0.1 });
        let path = format!("/drivers/{driver}/positions");
        assert_eq!(own.post(&path, &json!({ "fixes": [fix] })).await.expect(200)["accepted"], 1);
    }

    /// Begins the duty of a driver of the platform who stands some metres north of the pickup.
    async fn near(&self, driver: &str, metres: f64) {
        on_duty(&self.app, driver, 20).await;
        self.stand(driver, metres).await;
    }

    async fn place(&self, body: &Value) -> String {
        id_of(&self.app.ops().await.create(body).await.expect(201))
    }

    /// Waits until the order has this many events, and returns the last one's type and data. It
    /// comes at its time.
    async fn happens(&self, id: &str, count: usize) -> (String, Value) {
        eventually("an event", async || told(&self.app, id).await.len() >= count).await;
        let (name, data, at) = told(&self.app, id).await.swap_remove(count - 1);
        assert_eq!(at, self.now().to_string(), "{name}");
        (name, data)
    }

    /// Calls dispatch as an operator does, who does not know the time.
    async fn wake(&self, ids: &[&str]) {
        let record = |(place, id): (usize, &&str)| {
            let body = json!({ "merchant": "m1", "order": id });
            json!({ "messageId": place.to_string(), "body": body.to_string() })
        };
        let records: Vec<_> = ids.iter().enumerate().map(record).collect();
        let response = self.app.runner.invoke("dispatch", &json!({ "Records": records })).await;
        assert_eq!(response.expect("a response")["batchItemFailures"], json!([]));
    }
}

/// Returns the body of an order with a located pickup.
fn located(merchant: &str) -> Value {
    let mut body = order(merchant, "c1");
    let location = json!({ "lat": 51.5, "lng": -0.1 });
    body["addresses"] = json!({ "pickup": { "text": "1 Mill Lane", "location": location } });
    body
}

/// Returns what happened to an order: the type, the data and the time of each event.
async fn told(app: &App, id: &str) -> Vec<(String, Value, String)> {
    let history = app.ops().await.history(id).await.expect(200);
    let events = history["events"].as_array().expect("events").iter();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    events.map(|it| (text(&it["type"]), it["data"].clone(), text(&it["at"]))).collect()
}

/// Has orders offered and assigned by dispatch, of which one waits at a store, one finds a driver
/// who is gone, one is woken early, and one's answer is lost.
pub async fn use_every_permission(app: &App, time: &Stopped) {
    let scene = Scene { time: time.clone(), app };
    let ops = app.ops().await;
    scene.set_dispatch(json!({ "mode": "offer", "offers_at_once": 1 })).await;
    scene.near("roster-2", 100.0).await;
    scene.near("roster-3", 200.0).await;
    let drivers = app.runner.table("DriversTable").to_owned();
    let held = hold(app, move |call| is_roster(call, &drivers));
    let id = scene.place(&located("m1")).await;
    held.reached.notified().await;
    app.faults.clear();
    delete(&ops, "roster-2").await.expect(204);
    drop(held.open);
    assert_eq!(scene.happens(&id, 2).await.1["drivers"], json!(["roster-3"]));
    scene.wake(&[&id]).await;
    time.forward(45);
    scene.happens(&id, 3).await;
    time.forward(15);
    scene.happens(&id, 4).await;
    let end = async {
        time.forward(45);
        // Its own message may come first, and have the answer that is lost.
        let wake = json!({ "merchant": "m1", "order": id, "at": scene.now() });
        let event = json!({ "Records": [{ "body": wake.to_string() }] });
        let _ = app.runner.invoke("dispatch", &event).await;
    };
    lose_a_response(app, &id, "dispatch", end, "roster-3").await;

    scene.set_dispatch(json!({ "mode": "assign" })).await;
    let id = scene.place(&located("m1")).await;
    assert_eq!(scene.happens(&id, 2).await.0, "driver_assigned");
    let id = scene.place(&grocery("m1", "s1", "c1")).await;
    let ops = app.ops().await;
    for step in ["acknowledge", "start-picking", "ready"] {
        ops.operate(&id, step, &json!({})).await.expect(200);
    }
    assert_eq!(scene.happens(&id, 6).await.0, "offer_expired");
    ops.operate(&id, "cancel", &json!({ "reason": "nobody is near" })).await.expect(200);
    let settings = ops.request(Method::PUT, "/merchants/m1/settings").json(&json!({}));
    ops.send(settings).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rounds_ask_the_nearest_who_have_not_declined_and_people_are_alerted_in_the_end() {
    let dispatch = json!({
        "mode": "offer",
        "offers_at_once": 3,
        "offer_seconds": 45,
        "rounds": 2,
        "radius_m": 1000,
    });
    let scene = Scene::start(Streams::Polled, dispatch).await;
    for (driver, metres) in [("d1", 300.0), ("d2", 600.0), ("d3", 1005.0), ("d4", 1900.0)] {
        scene.near(driver, metres).await;
    }
    let id = scene.place(&located("m1")).await;
    let (name, data) = scene.happens(&id, 2).await;
    let expected = json!({
        "round": 1,
        "drivers": ["d1", "d2"],
        "expires_at": "2026-11-21T12:00:45.000Z",
        "radius_m": 1000,
    });
    assert_eq!((&*name, data), ("driver_offered", expected));
    let asked = scene.app.client(people::driver("d1")).await;
    asked.operate(&id, "decline", &json!({ "reason": "too far" })).await.expect(204);

    // No sweep ends the offer, and none begins the next round.
    scene.time.forward(45);
    let (name, data) = scene.happens(&id, 4).await;
    assert_eq!((&*name, data), ("offer_expired", json!({ "round": 1, "drivers": ["d2"] })));
    scene.time.forward(15);
    let (name, data) = scene.happens(&id, 5).await;
    let expected = json!({
        "round": 2,
        "drivers": ["d2", "d3"],
        "expires_at": "2026-11-21T12:01:45.000Z",
        "radius_m": 1600,
    });
    assert_eq!((&*name, data), ("driver_offered", expected));
    scene.time.forward(45);
    let (name, data) = scene.happens(&id, 7).await;
    let alert = json!({ "alert": { "type": "no_driver", "severity": "medium" } });
    assert_eq!((&*name, data), ("alert_raised", alert));
    let delayed = scene.app.ops().await.get("/orders?delayed=true").await.expect(200);
    assert_eq!(delayed["orders"][0]["id"], id.as_str());
    // A person finds a driver.
    scene.app.ops().await.assign(&id, "d4").await.expect(200);
    let history = scene.app.ops().await.history(&id).await.expect(200);
    let dispatch = json!({ "role": "system", "id": "dispatch" });
    for place in [1, 3, 4, 5, 6] {
        assert_eq!(history["events"][place]["actor"], dispatch, "{place}");
    }
    stored::checked(&scene.app, &id).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_to_accept_ends_the_search_and_a_driver_who_gives_back_is_not_asked_again() {
    let scene =
        Scene::start(Streams::Polled, json!({ "mode": "offer", "offers_at_once": 1 })).await;
    scene.near("d1", 100.0).await;
    let id = scene.place(&located("m1")).await;
    scene.happens(&id, 2).await;
    let own = scene.app.client(people::driver("d1")).await;
    own.operate(&id, "accept", &json!({})).await.expect(200);
    scene.near("d2", 200.0).await;
    own.operate(&id, "unassign", &json!({ "reason": "a flat tyre" })).await.expect(204);
    let (name, data) = scene.happens(&id, 5).await;
    assert_eq!((&*name, &data["drivers"]), ("driver_offered", &json!(["d2"])));
    assert_eq!(data["round"], 1, "the order waits anew");
    // The end of the first offer comes to nothing.
    scene.time.forward(45);
    let (name, _) = scene.happens(&id, 6).await;
    assert_eq!(name, "offer_expired");
}

/// A fleet of another merchant is never asked, and the merchant's own comes first.
#[tokio::test(flavor = "multi_thread")]
async fn own_drivers_come_first_and_those_of_others_never() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "offer" })).await;
    for (merchant, driver, metres) in [("m1", "own", 900.0), ("m2", "other", 100.0)] {
        let client = scene.app.client(people::merchant(merchant)).await;
        register_on_duty(&client, &json!({ "driver": driver })).await;
        scene.stand(driver, metres).await;
    }
    scene.near("d1", 200.0).await;
    let asked = async |fleets: Value| {
        scene.set_dispatch(json!({ "mode": "offer", "fleets": fleets })).await;
        let id = scene.place(&located("m1")).await;
        scene.happens(&id, 2).await.1["drivers"].clone()
    };
    assert_eq!(asked(json!(["own", "platform"])).await, json!(["own", "d1"]));
    assert_eq!(asked(json!(["platform", "own"])).await, json!(["d1", "own"]));
    assert_eq!(asked(json!(["own"])).await, json!(["own"]));
    assert_eq!(asked(json!(["platform"])).await, json!(["d1"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_nearest_driver_is_assigned_without_asking_as_long_as_one_has_room() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "assign", "rounds": 1 })).await;
    for (driver, metres) in [("d1", 100.0), ("d2", 900.0)] {
        on_duty(&scene.app, driver, 1).await;
        scene.stand(driver, metres).await;
    }
    let mut ids = Vec::new();
    for driver in ["d1", "d2"] {
        let id = scene.place(&located("m1")).await;
        let (name, data) = scene.happens(&id, 2).await;
        let expected = json!({ "driver": driver, "via": "dispatch" });
        assert_eq!((&*name, data), ("driver_assigned", expected));
        assert_eq!(orders_of(&scene.app, driver).await, [&*id]);
        ids.push(id);
    }
    let id = scene.place(&located("m1")).await;
    let (name, data) = scene.happens(&id, 2).await;
    let expected = json!({ "round": 1, "drivers": [], "radius_m": 3000 });
    assert_eq!((&*name, data), ("offer_expired", expected));
    assert_eq!(scene.happens(&id, 3).await.0, "alert_raised");
    for id in ids {
        stored::checked(&scene.app, &id).await;
    }
}

/// The pickup is the store's, and only once the order is ready. Without a location, a note says what
/// to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_begins_at_the_store_once_the_order_is_ready() {
    let scene = Scene::start(Streams::Polled, json!({ "mode": "offer" })).await;
    let ops = scene.app.ops().await;
    scene.near("d1", 500.0).await;
    let address = json!({ "text": "1 Mill Lane", "location": { "lat": 51.5, "lng": -0.1 } });
    let record = json!({ "name": "Mill Lane", "address": address });
    let path = "/merchants/m1/stores/s1";
    ops.send(ops.request(Method::PUT, path).json(&record)).await.expect(201);
    let ready = async |store: &str| {
        let id = scene.place(&grocery("m1", store, "c1")).await;
        for step in ["acknowledge", "start-picking", "ready"] {
            assert_eq!(ops.order(&id).await.expect(200)["offer"], Value::Null);
            ops.operate(&id, step, &json!({})).await.expect(200);
        }
        id
    };
    let id = ready("s1").await;
    let (name, data) = scene.happens(&id, 6).await;
    assert_eq!((&*name, &data["drivers"]), ("driver_offered", &json!(["d1"])));
    let id = ready("s2").await;
    assert_eq!(scene.happens(&id, 6).await.0, "offer_expired");
    let history = ops.history(&id).await.expect(200);
    let note = history["events"][5]["note"].as_str().expect("a note");
    assert!(note.contains("no location"), "{note}");
}

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
        let event = json!({ "Records": [{ "messageId": "1", "body": message.to_string() }] });
        let response = scene.app.runner.invoke("dispatch", &event).await;
        assert_eq!(response.expect("a response")["batchItemFailures"], json!([]));
        assert_eq!(waiting(), vec![end; count], "{at}");
    }
    scene.time.forward(900);
    assert_eq!(scene.happens(&id, 3).await.0, "offer_expired");
    let next = "2026-11-21T12:15:15.000Z";
    eventually("the next round waits", async || waiting() == [next]).await;
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

/// Holds a call of dispatch between its search and its decision, while something else happens.
async fn meanwhile(
    scene: &Scene<Box<App>>,
    call: impl Future<Output = ()>,
    event: impl Future<Output = ()>,
) {
    let drivers = scene.app.runner.table("DriversTable").to_owned();
    let held = hold(&scene.app, move |call| is_roster(call, &drivers));
    let event = async {
        held.reached.notified().await;
        scene.app.faults.clear();
        event.await;
        drop(held.open);
    };
    join(call, event).await;
}

/// True if dispatch reads a roster for a decision.
fn is_roster(call: &Call, drivers: &str) -> bool {
    let is_read = call.function == "dispatch" && call.operation() == "GetItem";
    is_read && call.request["TableName"] == *drivers
}

/// Puts drivers of the platform on duty, spread over a town around the pickup.
async fn populate(scene: &Scene<Box<App>>, count: u32) {
    let (db, now) = (stored::db(&scene.app), scene.now());
    let db = &db;
    let put = async |nth: u32| {
        let driver = DriverId::parse(&format!("of-{count}-{nth:05}")).expect("an id");
        let roster = Roster {
            driver,
            fleet: Fleet::Platform,
            on_duty_since: None,
            vehicle: Vehicle::default(),
            capacity: Capacity::default(),
            orders: [].into(),
            version: Version(1),
        };
        let name = Name::parse("Dan Smith").expect("a name");
        let profile = Profile { name, phone: None, plate: None, photo_url: None };
        let stored = StoredDriver { roster: roster.clone(), profile };
        assert!(db.register_driver(&stored).await.expect("an answer"));
        let roster = Roster { on_duty_since: Some(now), version: Version(2), ..roster };
        assert!(db.set_duty(&roster, Version(1), false).await.expect("an answer"));
        // A sunflower's seeds: even over the whole town.
        let (part, turn) = (f64::from(nth) / f64::from(count), f64::from(nth) * 0.618_034);
        let (off_m, angle) = (6_000.0 * part.sqrt(), turn.fract() * std::f64::consts::TAU);
        let lat = north(off_m * angle.sin());
        let lng = -0.1 + off_m * angle.cos() / (111_195.0 * 0.6225);
        let location = Location::new(lat, lng).expect("a location");
        let fix = Fix { at: now, location, accuracy_m: None, speed: None, heading: None };
        let at = Whereabouts { roster, cell: None, last: None };
        assert!(db.keep_fix(&at, &fix).await.expect("an answer"));
        assert!(db.move_to(&at, &Cell::of(location)).await.expect("an answer"));
    };
    stream::iter(0..count).for_each_concurrent(32, put).await;
}

/// Runs on the embedded database only, which counts units as `DynamoDB` does.
#[tokio::test(flavor = "multi_thread")]
async fn a_round_reads_the_same_among_a_hundred_drivers_and_ten_thousand() {
    if !is_embedded() {
        return;
    }
    let most = u32::try_from(chance::share(10_000)).expect("a number");
    let mut reads = Vec::new();
    for count in [100, most] {
        let scene = Scene::start(Streams::ByHand, json!({ "mode": "offer" })).await;
        populate(&scene, count).await;
        let id = scene.place(&located("m1")).await;
        scene.app.runner.meter().take();
        scene.wake(&[&id]).await;
        let units = scene.app.runner.meter().take().units_of("dispatch");
        println!("a round among {count} drivers: {} read units", units.reads);
        assert!(units.reads <= 25.0, "{units:?}");
        reads.push(units.reads);
        // The event, the entry of its end, and the three offers.
        assert!((units.writes - 8.0).abs() < 0.1, "{units:?}");
    }
    assert!((reads[1] - reads[0]).abs() <= 2.0, "{reads:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_way_to_find_drivers_is_refused_field_by_field() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for (dispatch, pointer) in [
        (json!({}), "/dispatch/mode"),
        (json!({ "mode": "auto" }), "/dispatch/mode"),
        (json!({ "mode": "offer", "fleets": [] }), "/dispatch/fleets"),
        (json!({ "mode": "offer", "fleets": ["own", "own"] }), "/dispatch/fleets"),
        (json!({ "mode": "offer", "fleets": ["all"] }), "/dispatch/fleets/0"),
        (json!({ "mode": "offer", "offers_at_once": 0 }), "/dispatch/offers_at_once"),
        (json!({ "mode": "offer", "offers_at_once": 17 }), "/dispatch/offers_at_once"),
        (json!({ "mode": "offer", "offer_seconds": 901 }), "/dispatch/offer_seconds"),
        (json!({ "mode": "offer", "rounds": 11 }), "/dispatch/rounds"),
        (json!({ "mode": "offer", "radius_m": 499 }), "/dispatch/radius_m"),
        (json!({ "mode": "offer", "radius": 1000 }), "/dispatch/radius"),
        (json!("offer"), "/dispatch"),
    ] {
        let body = json!({ "dispatch": dispatch });
        let request = merchant.request(Method::PUT, "/merchants/m1/settings").json(&body);
        let problem = merchant.send(request).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{dispatch}");
    }
}
