//! A running Waybill for one test.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use emulator::dynamodb::Storage;
use emulator::iam::Iam;
use emulator::transport::{Call, Fault, Faults};
use serde_json::{Value, json};
use tokio::task::yield_now;
use tokio::time::timeout;
use waybill::{Options, Runner, StartError};

use super::{Client, DEADLINE, Live, Stopped, people};

/// A runner with its own database.
pub struct App {
    pub runner: Runner,
    pub faults: Faults,
    _allowed: Allowed,
}

impl App {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts with options that the test adjusts.
    pub async fn start_with(adjust: impl FnOnce(&mut Options)) -> Self {
        let faults = Faults::default();
        let mut options = Options {
            stack: format!("t{}", random::random_uuid().simple()),
            faults: faults.clone(),
            ..Options::new(Path::new(super::TEMPLATE), storage())
        };
        adjust(&mut options);
        // A test that restarts on its port may find it in use by another test for a while: retry.
        let start = async {
            loop {
                match Runner::start(options.clone()).await {
                    Err(StartError::Port { .. }) => yield_now().await,
                    started => return started.expect("a runner"),
                }
            }
        };
        let runner = timeout(DEADLINE, start).await.expect("a port in time");
        Self { _allowed: Allowed(runner.iam().clone()), runner, faults }
    }

    /// Starts with a clock that only the test moves.
    pub async fn start_at(stopped: &Stopped) -> Self {
        Self::start_with(|options| options.clock = stopped.clock()).await
    }

    /// Returns a client with a token for `person`, one of `people`.
    pub async fn client(&self, person: Value) -> Client {
        Client::login(&self.runner.http_url(), &person).await
    }

    pub fn anonymous(&self) -> Client {
        Client::new(&self.runner.http_url(), None)
    }

    pub async fn ops(&self) -> Client {
        self.client(people::ops()).await
    }

    pub async fn live(&self, client: &Client) -> Live {
        Live::connect(&self.runner.live_url(), Some(client.token())).await.expect("a connection")
    }

    /// Waits until the relay has processed everything committed so far; a client receives nothing
    /// of it later. The relay processes batches one after another, so once a second, later order
    /// is delivered, the batch of the first order and all earlier batches are complete.
    pub async fn relayed(&self) {
        let ops = self.ops().await;
        let mut witness = self.live(&ops).await;
        witness.subscribe("merchant:nobody").await;
        for _ in 0..2 {
            ops.create(&order("nobody", "nobody")).await.expect(201);
            witness.events(1).await;
        }
    }

    /// Runs the deadline sweep and returns its result.
    pub async fn sweep(&self) -> Value {
        self.runner.invoke("sweep", &json!({})).await.expect("a sweep")
    }

    /// Creates an order of merchant `m1` for its customer `c1` and returns its id.
    pub async fn place_order(&self) -> String {
        id_of(&self.ops().await.create(&order("m1", "c1")).await.expect(201))
    }

    /// Creates a webhook of merchant `m1` for a server that nobody runs and returns its id.
    pub async fn create_webhook(&self) -> String {
        let body = json!({ "url": "http://127.0.0.1:1/hook" });
        id_of(&self.ops().await.post("/merchants/m1/webhooks", &body).await.expect(201))
    }

    /// Injects a fault into one of every `count` transactions.
    pub fn fail_one_in(&self, count: usize, fault: fn(&Call) -> Fault) {
        let met = AtomicUsize::new(0);
        self.faults.inject(move |call: &Call| {
            let is_commit = call.operation() == "TransactWriteItems";
            let nth = met.fetch_add(usize::from(is_commit), Ordering::Relaxed);
            (is_commit && nth % count == count - 1).then(|| fault(call))
        });
    }

    /// Registers a driver and returns its id.
    pub async fn register_driver(&self) -> String {
        let body = json!({ "driver": "roster-1", "name": "Dan Smith", "merchant": "m1" });
        self.ops().await.post("/drivers", &body).await.expect(201);
        "roster-1".to_owned()
    }
}

/// Returns the id of an order or a webhook.
pub fn id_of(order: &Value) -> String {
    order["id"].as_str().expect("an id").to_owned()
}

/// A guard that fails the test at its end if a policy denied a call: the functions' policies must
/// allow everything that tests do.
struct Allowed(Iam);

impl Drop for Allowed {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.0.denials(), []);
        }
    }
}

/// True if the suite runs on the runner's own database, and not on DynamoDB Local.
pub fn is_embedded() -> bool {
    matches!(storage(), Storage::Memory)
}

/// Returns the storage of the suite: memory, or the DynamoDB at `DYNAMODB_ENDPOINT`.
pub fn storage() -> Storage {
    match std::env::var("DYNAMODB_ENDPOINT") {
        Ok(url) if !url.is_empty() => Storage::Endpoint(url),
        _ => Storage::Memory,
    }
}

/// Returns the body of an order.
pub fn order(merchant: &str, reference: &str) -> Value {
    json!({
        "merchant": merchant,
        "customer": { "name": "Ada", "contact": "+44 20 7946 0000", "reference": reference },
    })
}

/// Returns the body of a grocery order: 3 at 2.50, 1 at 12.00 and 2 at 0.90, in total 21.30.
pub fn grocery(merchant: &str, store: &str, reference: &str) -> Value {
    let item = |name: &str, quantity: u64, unit_price: u64| {
        let mut item = json!({ "sku": name, "name": name, "quantity": quantity });
        item["unit_price"] = json!(unit_price);
        item
    };
    let mut order = order(merchant, reference);
    order["workflow"] = json!("grocery");
    order["store"] = json!(store);
    order["currency"] = json!("EUR");
    order["items"] = json!([item("milk", 3, 250), item("oil", 1, 1200), item("rolls", 2, 90)]);
    order
}
