//! Automatic dispatch: the rounds in which Waybill looks for a driver, over HTTP.

mod costs;
mod lives;
mod races;

use std::ops::Deref;

use clock::Timestamp;
use emulator::Streams;
use emulator::transport::Call;
use futures_util::future::join;
use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, hold, on_duty};
use crate::harness::{App, Stopped, eventually, grocery, id_of, order, people};
use crate::permissions::lose_a_response;

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
        let messages = ids.iter().map(|id| json!({ "merchant": "m1", "order": id }));
        let failed = self.deliver(&messages.collect::<Vec<_>>()).await;
        assert_eq!(failed, json!([]));
    }

    /// Calls dispatch with these messages, and returns those that failed.
    async fn deliver(&self, messages: &[Value]) -> Value {
        let record = |(place, message): (usize, &Value)| json!({ "messageId": place.to_string(), "body": message.to_string() });
        let records: Vec<_> = messages.iter().enumerate().map(record).collect();
        let response = self.app.runner.invoke("dispatch", &json!({ "Records": records })).await;
        response.expect("a response")["batchItemFailures"].clone()
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
        drop(scene.deliver(&[json!({ "merchant": "m1", "order": id })]).await);
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
