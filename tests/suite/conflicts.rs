//! Writes of the live side that meet a transaction on the same item.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use emulator::transport::{Call, Fault};
use serde_json::{Map, Value};

use crate::harness::{App, Live, Stopped, eventually, people, stored};

/// How often each write meets a transaction before it succeeds.
const CONFLICTS: u32 = 2;

/// The number of tries of each write: its function, its operation and its key.
type Tries = Arc<Mutex<BTreeMap<(String, String, String), u32>>>;

/// Lets the first tries of each write of a function fail.
fn conflict(app: &App) -> Tries {
    let tries = Tries::default();
    let seen = Arc::clone(&tries);
    app.faults.inject(move |call: &Call| {
        let operation = call.operation();
        if !["PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"].contains(&operation) {
            return None;
        }
        let key = topics(&call.request).join(" ");
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = seen.entry((call.function.clone(), operation.to_owned(), key)).or_default();
        *tries += 1;
        (*tries <= CONFLICTS).then(|| Fault::transaction_conflict(call))
    });
    tries
}

/// Returns the topics of the items that a request writes.
fn topics(request: &Value) -> Vec<String> {
    let items = request["TransactItems"].as_array();
    let items = items.into_iter().flatten().filter_map(Value::as_object).flat_map(Map::values);
    let writes = if items.clone().next().is_none() { vec![request] } else { items.collect() };
    let topic = |write: &&Value| {
        let key = write.get("Key").or_else(|| write.get("Item"));
        key.map(|key| key["topic"]["S"].to_string())
    };
    writes.iter().filter_map(topic).collect()
}

/// Gets a ticket, connects with it, subscribes, unsubscribes, leaves, and lets a sweep end another
/// connection.
async fn come_and_go(app: &App, time: &Stopped) {
    let mut person = people::driver("d1");
    person["expires_in"] = 60.into();
    let driver = app.client(person).await;
    let ticket = driver.post("/live/tickets", &Value::Null).await.expect(201);
    let ticket = ticket["ticket"].as_str().expect("a ticket");
    let url = format!("{}?ticket={ticket}", app.runner.live_url());
    let mut live = Live::connect(&url, None).await.expect("a connection");
    live.subscribe("driver:d1").await;
    let mut expires = app.live(&driver).await;
    live.ask("unsubscribe", "driver:d1").await;
    live.subscribe("driver:d1").await;
    live.close().await;
    let connections = async || {
        let rows = stored::items(app, "SubscriptionsTable").await;
        rows.iter().filter(|row| stored::text(row, "connection_id") != "-").count()
    };
    eventually("one connection has left", async || connections().await == 1).await;
    time.forward(60);
    app.sweep().await;
    assert_eq!(expires.next().await["type"], "closing");
    assert_eq!(connections().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_meets_a_transaction_is_made_after_it() {
    for (bound, operations) in [
        (0, &["DeleteItem", "PutItem", "TransactWriteItems"][..]),
        (20, &["DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"]),
    ] {
        let time = Stopped::now();
        let app = App::start_with(|options| {
            options.clock = time.clock();
            options.connections_per_principal = bound;
        })
        .await;
        let tries = conflict(&app);
        come_and_go(&app, &time).await;
        let tries = || tries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        eventually("every write is made", async || {
            tries().values().all(|tries| *tries > CONFLICTS)
        })
        .await;
        let tries = tries();
        let mut met: Vec<_> = tries.keys().map(|(_, operation, _)| operation.as_str()).collect();
        met.sort_unstable();
        met.dedup();
        assert_eq!(met, operations);
    }
}
