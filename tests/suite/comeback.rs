//! Clients resume after a runner was killed between a commit and its relay.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use emulator::Streams;
use emulator::dynamodb::Storage;
use serde_json::Value;
use waybill_client::{Feed, News};

use crate::harness::{App, Client, eventually, id_of, order, people};

/// The orders that a feed's application holds, by id.
type Known = Arc<Mutex<BTreeMap<String, Value>>>;

/// Starts a runner on the data in a folder, at a port.
async fn start(folder: &Path, port: u16, streams: Streams) -> App {
    App::start_with(|options| {
        options.storage = Storage::File(folder.join("db.sqlite"));
        "comeback".clone_into(&mut options.stack);
        (options.port, options.streams) = (port, streams);
    })
    .await
}

fn known(known: &Known) -> BTreeMap<String, Value> {
    known.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Follows a topic for ever; returns the orders that the feed keeps up to date.
async fn follow(app: &App, topic: &str) -> Known {
    let (url, http) = (app.runner.live_url(), app.runner.http_url());
    let token = move || {
        let http = http.clone();
        // The feed retries a login that comes before the runner is back.
        async move {
            let client = Client::try_login(&http, &people::ops()).await;
            client.map(|client| client.token().to_owned())
        }
    };
    let feed = Feed::open(url.parse().expect("a URL"), topic, token).await.expect("a feed");
    let orders = Known::default();
    let known = Arc::clone(&orders);
    tokio::spawn(feed.run(move |news| {
        let mut orders = known.lock().unwrap_or_else(PoisonError::into_inner);
        match news {
            News::Order(order) => drop(orders.insert(id_of(&order), order)),
            News::Removed(id) => drop(orders.remove(&id)),
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    }));
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_and_not_relayed_is_known_after_the_comeback() {
    let folder = tempfile::tempdir().expect("a folder");
    let app = start(folder.path(), 0, Streams::Polled).await;
    let port = app.runner.http_url().rsplit(':').next().and_then(|it| it.parse().ok());
    let port = port.expect("a port");
    let id = app.place_order().await;
    let (list, one) = (follow(&app, "orders").await, follow(&app, &format!("order:{id}")).await);
    let holds = async |of: &Known, id: &str, version: u64| {
        eventually("it is known", async || {
            known(of).get(id).is_some_and(|order| order["version"] == version)
        })
        .await;
    };
    holds(&list, &id, 1).await;
    holds(&one, &id, 1).await;
    app.runner.shutdown().await;

    // Committed and never relayed, as by a runner that is killed between the two.
    let app = start(folder.path(), 0, Streams::ByHand).await;
    let ops = app.ops().await;
    ops.assign(&id, "d1").await.expect(200);
    let new = id_of(&ops.create(&order("m1", "c2")).await.expect(201));
    app.runner.shutdown().await;

    let app = start(folder.path(), port, Streams::Polled).await;
    for of in [&list, &one] {
        holds(of, &id, 2).await;
    }
    holds(&list, &new, 1).await;
    app.ops().await.assign(&new, "d2").await.expect(200);
    holds(&list, &new, 2).await;
}
