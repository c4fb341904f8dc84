//! A system whose stream and clock are simulated by the cases.

use std::collections::HashMap;

use clock::Timestamp;
use emulator::Streams;
use serde_json::{Value, json};

use super::world::World;
use crate::harness::chance::Chance;
use crate::harness::stream::{End, Stream, event};
use crate::harness::{App, Records, Stopped, stored};

/// The queues that wait for a receiver.
const QUEUES: [&str; 2] = ["WebhookQueue", "SlowWebhookQueue"];

pub(super) struct Stage {
    pub(super) app: App,
    pub(super) time: Stopped,
    pub(super) world: World,
    stream: Stream,
    records: Records,
    /// The last version of each order that the stream has told.
    recorded: HashMap<String, u64>,
    /// The ids of the messages that could not be processed and were sent again.
    pub(super) returned: Vec<String>,
}

/// The work that is not done yet.
#[derive(Debug)]
pub(super) enum Waiting {
    Records,
    Messages,
    /// The time of the next attempt that the sweep starts.
    Due(Timestamp),
}

impl Stage {
    pub(super) async fn start() -> Self {
        let time = Stopped::now();
        let app = App::start_with(|options| {
            options.clock = time.clock();
            options.streams = Streams::ByHand;
        });
        let app = app.await;
        let (records, world) = (Records::of(&app.runner).await, World::default());
        let meddling = world.clone();
        app.faults.inject(move |call| meddling.strike(call));
        let (stream, recorded) = (Stream::default(), HashMap::new());
        Self { app, time, world, stream, records, recorded, returned: Vec::new() }
    }

    /// Waits until the stream has told of every change of these orders.
    pub(super) async fn take_down(&mut self, orders: &[String]) {
        let ops = self.app.ops().await;
        for id in orders {
            let version = ops.order(id).await.expect(200)["version"].as_u64();
            while self.recorded.get(id).copied() < version {
                for record in self.records.take_all(1).await {
                    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                    let image = &record["dynamodb"]["NewImage"];
                    let version = text(&image["version"]["N"]).parse().unwrap_or_default();
                    self.recorded.insert(text(&image["order_id"]["S"]), version);
                    self.stream.add(record);
                }
            }
        }
    }

    /// Delivers a batch of the stream to the outbox.
    pub(super) async fn publish(&mut self, chance: &mut Chance, end: End) {
        let batch = self.stream.next(chance);
        if batch.is_empty() {
            return;
        }
        let response = self.app.runner.invoke("outbox", &event(&batch)).await.ok();
        self.stream.settle(batch, end, response.as_ref());
    }

    /// Delivers batches of all queues at once; returns the number of messages.
    pub(super) async fn deliver(&self) -> usize {
        let deliver = async |queue| self.app.runner.deliver(queue).await.expect("a delivery");
        let [fast, slow] = QUEUES;
        let (one, two, three) = tokio::join!(deliver(fast), deliver(fast), deliver(slow));
        one + two + three
    }

    /// Runs the sweep, which may fail.
    pub(super) async fn sweep(&self) {
        let _ = self.app.runner.invoke("sweep", &json!({})).await;
    }

    /// Does everything that can be done now.
    pub(super) async fn work(&mut self, chance: &mut Chance) {
        while !self.stream.is_empty() {
            self.publish(chance, End::Responded).await;
        }
        while self.deliver().await > 0 {}
        self.sweep().await;
        self.return_dead_letters().await;
    }

    /// Sends the messages that could not be processed again, as an operator does.
    async fn return_dead_letters(&mut self) {
        let ops = self.app.ops().await;
        for dead in self.app.runner.messages("WebhookDeadLetters").split_off(self.returned.len()) {
            let dead: Value = serde_json::from_str(&dead.body).expect("ids");
            let text = |name: &str| dead[name].as_str().expect("an id");
            let path = format!("/merchants/{}/webhooks/{}", text("merchant"), text("endpoint"));
            self.returned.push(format!("msg_{}_{}", text("order"), dead["version"]));
            // That of an earlier case is deleted.
            if ops.get(&path).await.status != 404 {
                let again = json!({ "order": dead["order"], "version": dead["version"] });
                ops.post(&format!("{path}/replay"), &again).await.expect(202);
            }
        }
    }

    /// Returns what is to be done later, if there is anything.
    pub(super) async fn waiting(&self) -> Option<Waiting> {
        let queued: usize = QUEUES.map(|queue| self.app.runner.messages(queue).len()).iter().sum();
        if !self.stream.is_empty() {
            return Some(Waiting::Records);
        }
        if queued > 0 {
            return Some(Waiting::Messages);
        }
        let rows = stored::items(&self.app, "DeliveriesTable").await;
        let due = rows.iter().filter(|row| row.contains_key("due"));
        let due = due.filter_map(|row| Timestamp::parse(&stored::text(row, "due")));
        due.min().map(Waiting::Due)
    }

    /// Moves the clock to the time at which something of this can be done.
    pub(super) fn forward_to(&self, waiting: &Waiting) {
        self.time.forward(match waiting {
            Waiting::Records => 0,
            // The visibility timeout, and some of the delays.
            Waiting::Messages => 6 * 60,
            Waiting::Due(at) => {
                let seconds = at.seconds_since(self.time.clock().now());
                i64::try_from(seconds).expect("seconds") + 1
            }
        });
    }
}
