//! Guarantee 2: wherever the process is killed, no acknowledged change is lost and none is
//! half-written. Always on a file: the runner does not control what another DynamoDB does with
//! the calls it has received.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use emulator::dynamodb::Storage;
use futures_util::future::join_all;
use random::random_uuid;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::time::timeout;

use crate::harness::{App, Client, DEADLINE, Process, order, people, stored};

const KILLS: usize = 3;
const CLIENTS: usize = 12;
/// The number of changes that are acknowledged before each kill.
const ACKNOWLEDGED: usize = 400;

/// A change that was acknowledged to a client.
struct Acknowledged {
    order: String,
    version: u64,
    /// A text that only this request wrote into the event.
    mark: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_kill_9_and_nothing_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        acknowledged.extend(load_until_killed(folder.path()).await);
        let app = reopened(folder.path()).await;
        let reached = nothing_is_half_written(&app).await;
        nothing_is_lost(&app, &acknowledged, &reached).await;
        app.runner.shutdown().await;
    }
}

async fn load_until_killed(folder: &Path) -> Vec<Acknowledged> {
    let mut runner = Process::serve(folder);
    let ops = Client::login(&runner.http_url().await, &people::ops()).await;
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let clients = (0..CLIENTS).map(|_| tokio::spawn(carry_orders(ops.clone(), sender.clone())));
    let clients: Vec<_> = clients.collect();
    drop(sender);
    let mut acknowledged = Vec::new();
    while acknowledged.len() < ACKNOWLEDGED {
        let next = timeout(DEADLINE, receiver.recv()).await.expect("progress");
        acknowledged.push(next.expect("clients at work"));
    }
    runner.kill().await;
    join_all(clients).await.into_iter().for_each(|client| client.unwrap());
    while let Some(late) = receiver.recv().await {
        acknowledged.push(late);
    }
    acknowledged
}

/// Carries one order after another until the runner is gone.
async fn carry_orders(client: Client, sender: UnboundedSender<Acknowledged>) {
    while carry_one(&client, &sender).await.is_some() {}
}

/// Moves an order as far as the load allows, with two concurrent attempts at each step. Returns
/// `None` if the runner is gone.
async fn carry_one(client: &Client, sender: &UnboundedSender<Acknowledged>) -> Option<()> {
    let mark = new_mark();
    let mut body = order("m1", "c1");
    body["metadata"] = json!({ "mark": mark });
    let created = responded(client.request(Method::POST, "/orders").json(&body)).await?;
    let Some(created) = created else { return Some(()) };
    let id = created["id"].as_str().unwrap().to_owned();
    sender.send(Acknowledged { order: id.clone(), version: 1, mark }).ok()?;

    for status in ["driver_assigned", "picked_up", "in_transit", "delivered"] {
        let one = step(client, &id, status, sender);
        let (one, other) = futures_util::join!(one, step(client, &id, status, sender));
        if !(one? | other?) {
            break;
        }
    }
    Some(())
}

/// Tries a step; returns whether it was made, or `None` if the runner is gone.
async fn step(
    client: &Client,
    id: &str,
    status: &str,
    sender: &UnboundedSender<Acknowledged>,
) -> Option<bool> {
    let mark = new_mark();
    let (method, operation, body) = match status {
        "driver_assigned" => (Method::POST, "assign", json!({ "driver": mark })),
        "delivered" => (Method::POST, "deliver", json!({ "metadata": { "mark": mark } })),
        _ => (Method::PATCH, "status", json!({ "status": status, "metadata": { "mark": mark } })),
    };
    let request = client.request(method, &format!("/orders/{id}/{operation}"));
    let Some(changed) = responded(request.json(&body)).await? else { return Some(false) };
    let version = changed["version"].as_u64().unwrap();
    sender.send(Acknowledged { order: id.to_owned(), version, mark }).ok()?;
    Some(true)
}

/// Returns the order that a request created or changed, `Some(None)` if another request was
/// faster or the load is too high, or `None` if the runner is gone.
async fn responded(request: RequestBuilder) -> Option<Option<Value>> {
    let response = request.send().await.ok()?;
    let status = response.status();
    let body: Value = response.json().await.ok()?;
    assert!(status.is_success() || status == 409 || status == 503, "{status}: {body}");
    Some(status.is_success().then_some(body))
}

fn new_mark() -> String {
    random_uuid().simple().to_string()
}

/// Starts a runner in this process on the data of the killed one.
async fn reopened(folder: &Path) -> App {
    App::start_with(|options| {
        options.storage = Storage::File(folder.join("dynamodb.sqlite"));
        "waybill".clone_into(&mut options.stack);
    })
    .await
}

/// Checks every order of the table; returns the version of each.
async fn nothing_is_half_written(app: &App) -> BTreeMap<String, u64> {
    let mut reached = BTreeMap::new();
    for id in stored::order_ids(app).await {
        assert!(stored::has_details(app, &id).await, "{id} has lost its details");
        let version = stored::checked(app, &id).await;
        reached.insert(id, version);
    }
    let heads: BTreeSet<_> = reached.keys().cloned().collect();
    for table in ["OrderHistoryTable", "OrderDetailsTable"] {
        let ids: BTreeSet<_> = stored::ids_in(app, table).await.into_iter().collect();
        assert_eq!(ids, heads, "{table} is of the orders that there are");
    }
    reached
}

/// Checks that each acknowledged change is the event at its version.
async fn nothing_is_lost(
    app: &App,
    acknowledged: &[Acknowledged],
    reached: &BTreeMap<String, u64>,
) {
    let ops = app.ops().await;
    let mut events = BTreeMap::new();
    for id in reached.keys() {
        let mut history = ops.history(id).await.expect(200);
        let Value::Array(history) = history["events"].take() else { panic!("{history}") };
        events.extend(history.into_iter().map(|event| {
            let version = event["version"].as_u64().unwrap();
            ((id.as_str(), version), event)
        }));
    }
    for Acknowledged { order, version, mark } in acknowledged {
        let event = events.get(&(order.as_str(), *version));
        let event = event.unwrap_or_else(|| panic!("{order} has lost its version {version}"));
        let written = [&event["metadata"]["mark"], &event["data"]["driver"]];
        assert!(written.contains(&&json!(mark)), "{order} has another version {version}: {event}");
    }
}
