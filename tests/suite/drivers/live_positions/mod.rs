//! The positions that those who follow an order receive, and `GET /orders/{id}/location`.

mod answers;
mod audience;
mod fleets;
mod late;
mod watches;

use clock::Timestamp;
use emulator::Streams;
use serde_json::{Value, json};

use super::{register_on_duty, set_duty};
use crate::harness::{App, Client, Live, Records, Stopped, id_of, order, people};

/// A system at noon, in which the test delivers the records of the stream of `positions`.
struct Scene {
    app: App,
    time: Stopped,
    ops: Client,
    records: Records,
}

impl Scene {
    async fn start() -> Self {
        let time = Stopped::at("2026-11-21T12:00:00Z");
        let app = App::start_with(|options| {
            options.clock = time.clock();
            options.streams = Streams::ByHand;
        })
        .await;
        let (ops, records) = (app.ops().await, Records::of_positions(&app.runner).await);
        Self { app, time, ops, records }
    }

    /// Registers a driver on duty: of the merchant m1's fleet, or of the platform's.
    async fn driver(&self, driver: &str, is_own: bool) {
        let mut fields = json!({ "driver": driver, "capacity": 5, "vehicle": { "kind": "car" } });
        if is_own {
            fields["merchant"] = json!("m1");
        }
        register_on_duty(&self.ops, &fields).await;
    }

    /// Places an order of a customer of store s1 of m1, to be brought to this latitude, and assigns it.
    async fn order(&self, customer: &str, lat: f64, driver: &str) -> String {
        let mut body = order("m1", customer);
        body["store"] = json!("s1");
        let location = json!({ "lat": lat, "lng": 0 });
        body["addresses"] =
            json!({ "dropoff": { "text": "12 High Street", "location": location } });
        let id = id_of(&self.ops.create(&body).await.expect(201));
        self.ops.assign(&id, driver).await.expect(200);
        id
    }

    async fn follow(&self, person: Value, order: &str) -> Live {
        let mut live = self.app.live(&self.app.client(person).await).await;
        live.subscribe(&format!("order:{order}")).await;
        live
    }

    /// Uploads the driver's position of now, ten seconds later than before; returns the receipt.
    async fn moves(&self, driver: &str, lat: f64) -> Value {
        self.time.forward(10);
        let body = json!({ "fixes": [self.fix(lat)] });
        let own = self.app.client(people::driver(driver)).await;
        own.post(&format!("/drivers/{driver}/positions"), &body).await.expect(200)
    }

    fn fix(&self, lat: f64) -> Value {
        json!({
            "at": self.now(), "lat": lat, "lng": 0, "accuracy": 8, "speed": 4.5, "heading": 90,
        })
    }

    fn now(&self) -> Timestamp {
        self.time.clock().now()
    }

    /// Delivers records to the relay.
    async fn relay(&self, records: &[Value]) {
        let event = json!({ "Records": records });
        self.app.runner.invoke("position-relay", &event).await.expect("an answer");
    }

    /// Delivers the records of everything that has happened.
    async fn relay_all(&mut self) {
        let records = self.last().await;
        self.relay(&records).await;
    }

    /// Takes the new records of drivers' last positions.
    async fn last(&mut self) -> Vec<Value> {
        let mut records = self.records.take().await;
        records.retain(|record| record["dynamodb"]["Keys"]["item"]["S"] == "last");
        records
    }
}

/// Returns the positions that a client has received, each with its order.
async fn received(live: &mut Live) -> Vec<Value> {
    let frames = live.until_pong().await;
    let positions = frames.iter().map(|frame| {
        assert_eq!(frame["type"], "positions", "{frame}");
        frame["positions"].as_array().expect("positions").clone()
    });
    positions.flatten().collect()
}
