//! A system whose stream and WebSocket gateway are simulated by the cases.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use emulator::Streams;
use emulator::dynamodb::Reply;
use emulator::transport::{Call, Fault, Service};

use serde_json::Value;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::eventual::{REPLICA_LAG, Subscribed, stale};
use super::gateway::{Begun, Gateway};
use super::interleaving::Hold;
use super::ledger::Ledger;
use super::moves::Move;
use crate::harness::chance::Chance;
use crate::harness::stream::Stream;
use crate::harness::{App, Client, DEADLINE, Records, Stopped, people};

/// The maximum lag of an index, in seconds.
const INDEX_LAG: usize = 5;

/// A system with a simulated stream, gateway and clock.
pub(super) struct Stage {
    pub(super) app: Arc<App>,
    pub(super) time: Stopped,
    pub(super) ops: Client,
    pub(super) stream: Stream,
    pub(super) hold: Hold,
    pub(super) world: World,
    records: Records,
}

/// The surroundings that the functions' calls meet. Clones are the same world.
#[derive(Clone, Default)]
pub(super) struct World(Arc<Mutex<Outside>>);

/// Everything around the functions.
#[derive(Default)]
pub(super) struct Outside {
    pub(super) ledger: Ledger,
    pub(super) gateway: Gateway,
    pub(super) chance: Option<Chance>,
    subscribed: Subscribed,
}

impl World {
    pub(super) fn lock(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    pub(super) async fn start() -> Self {
        let time = Stopped::now();
        let app = App::start_with(|options| {
            options.clock = time.clock();
            options.streams = Streams::ByHand;
        });
        let app = Arc::new(app.await);
        let records = Records::of(&app.runner).await;
        let ops = app.client(people::ops()).await;
        let (world, hold) = (World::default(), Hold::default());
        let stage = Self { app, time, ops, stream: Stream::default(), hold, world, records };
        stage.meddle();
        stage
    }

    /// Lets this world answer the functions' calls to other services first, from now on.
    fn meddle(&self) {
        let (world, hold, time) = (self.world.clone(), self.hold.clone(), self.time.clone());
        self.app.faults.inject(move |call| {
            let now = time.clock().now().epoch_seconds();
            if let Some(held) = hold.strike(&call.function) {
                return Some(held);
            }
            world.lock().strike(call, now)
        });
    }

    pub(super) fn now(&self) -> i64 {
        self.time.clock().now().epoch_seconds()
    }

    /// Records the start of an invocation.
    pub(super) fn begin(&self, function: &'static str, is_alone: bool) {
        let at = self.now();
        let mut world = self.world.lock();
        let commits = world.ledger.commits();
        world.gateway.begin(function, Begun { commits, at }, is_alone);
    }

    /// Requests a change, and records the commits.
    pub(super) async fn make(&mut self, asked: &Move, chance: &mut Chance) {
        let method = if asked.patches { reqwest::Method::PATCH } else { reqwest::Method::POST };
        let request = self.ops.request(method, &asked.path);
        let request = if asked.body.is_null() { request } else { request.json(&asked.body) };
        let response = self.ops.send_elsewhere(request).await;
        assert!(response.status < 500, "{response:?}");
        let changed = response.status < 300 && !response.text.is_empty();
        let order = if changed { response.json() } else { Value::Null };
        // A stream tells of a commit a moment later.
        let recording = async {
            self.take_down(chance).await;
            while !self.has_recorded(&order) {
                yield_now().await;
                self.take_down(chance).await;
            }
        };
        timeout(DEADLINE, recording).await.expect("the record of the commit in time");
    }

    /// True if the ledger has this state of an order, or a later one.
    fn has_recorded(&self, order: &Value) -> bool {
        let Some(id) = order["id"].as_str() else { return true };
        let world = self.world.lock();
        let known = world.ledger.now(id).map(|image| image.version);
        known.is_some_and(|known| order["version"].as_u64().is_none_or(|version| known >= version))
    }

    /// Reads the new records of the stream.
    async fn take_down(&mut self, chance: &mut Chance) {
        let now = self.now();
        for record in self.records.take().await {
            let lag = i64::try_from(chance.below(INDEX_LAG + 1)).expect("seconds");
            self.world.lock().ledger.add(&record, now + lag, now + REPLICA_LAG);
            self.stream.add(record);
        }
    }
}

impl Outside {
    /// Returns the simulated response to a call, if there is one.
    fn strike(&mut self, call: &Call, now: i64) -> Option<Fault> {
        let Self { ledger, gateway, chance, subscribed } = self;
        match call.service() {
            Service::Connections => Some(gateway.manage(call, ledger, chance.as_mut()?, now)),
            Service::DynamoDb if ["live-message", "relay"].contains(&call.function.as_str()) => {
                if gateway.is_faulty && chance.as_mut()?.percent(2) {
                    let error = Reply::error(400, "ResourceNotFoundException", "Not now");
                    return Some(Fault::Refuse(error));
                }
                if gateway.is_faulty && is_conflicting(call) && chance.as_mut()?.percent(5) {
                    return Some(Fault::transaction_conflict(call));
                }
                note_subscription(call, subscribed, now);
                stale(call, ledger, subscribed, now)
            }
            Service::DynamoDb | Service::Sqs | Service::Egress => None,
        }
    }
}

/// True if the call writes rows that another transaction can be writing.
fn is_conflicting(call: &Call) -> bool {
    ["TransactWriteItems", "DeleteItem", "UpdateItem"].contains(&call.operation())
}

/// Records the time at which a connection subscribes to a topic.
fn note_subscription(call: &Call, subscribed: &mut Subscribed, now: i64) {
    let writes = call.request["TransactItems"].as_array().into_iter().flatten();
    for put in writes.map(|write| &write["Put"]["Item"]).filter(|item| !item.is_null()) {
        let text = |name: &str| put[name]["S"].as_str().unwrap_or_default().to_owned();
        subscribed.insert((text("topic"), text("connection_id")), now);
    }
}
