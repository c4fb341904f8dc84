//! Guarantee 1: of any number of racing changes exactly one is accepted.

use std::collections::HashSet;

use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, is_embedded, order, people, stored};

const WRITERS: usize = 16;
const ORDERS: usize = 200;

/// Lets every tenth transaction fail with a transaction conflict, as DynamoDB would report it.
pub fn conflicts_now_and_then(app: &App) {
    let count = std::sync::atomic::AtomicUsize::new(0);
    app.faults.inject(move |call: &Call| {
        let is_commit = call.operation() == "TransactWriteItems";
        let nth = count.fetch_add(usize::from(is_commit), std::sync::atomic::Ordering::Relaxed);
        (is_commit && nth % 10 == 9).then(|| Fault::transaction_conflict(call))
    });
}

/// Sends a request of each writer at once; exactly one is accepted, and its response returned.
async fn round<F>(writers: &[Client], request: impl Fn(usize, Client) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let responses =
        join_all(writers.iter().cloned().enumerate().map(|(n, it)| request(n, it))).await;
    let (accepted, refused): (Vec<_>, Vec<_>) =
        responses.into_iter().partition(|response| response.status == 200);
    assert_eq!(accepted.len(), 1, "{refused:?}");
    let version = accepted[0].header("etag");
    for response in &refused {
        assert!([403, 409, 412].contains(&response.status), "{response:?}");
        assert_eq!(response.header("etag"), version, "the others learn the current version");
    }
    accepted[0].clone()
}

/// Runs three rounds over one order, which leave it at version 5.
async fn race_for(id: &str, writers: &[Client]) {
    // Identical: the same driver for everybody.
    round(writers, |_, writer| async move { writer.assign(id, "d1").await }).await;
    // Conflicting by version: each writer has its own driver, and all start from version 2.
    round(writers, |n, writer| async move {
        let body = json!({ "driver": format!("driver-{n}") });
        let request = writer.request(Method::POST, &format!("/orders/{id}/assign"));
        writer.send(request.header("if-match", "\"2\"").json(&body)).await
    })
    .await;
    writers[0].unassign(id, "on foot").await.expect(200);
    // Conflicting by meaning: an order cannot be cancelled by its merchant after its pickup, nor
    // be picked up after its cancellation.
    round(writers, |n, writer| async move {
        writer.move_to(id, if n % 2 == 0 { "picked_up" } else { "cancelled" }).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_writers_on_two_hundred_orders() {
    let app = App::start().await;
    // Different people: who cancels twice is answered as the first time.
    let writers = join_all((0..WRITERS).map(|n| {
        let mut person = people::merchant("m1");
        person["id"] = json!(format!("writer-{n}"));
        app.client(person)
    }));
    let writers = writers.await;
    let body = order("m1", "c1");
    let create = (0..ORDERS).map(|_| writers[0].create(&body));
    let ids = join_all(create).await.into_iter().map(|response| response.expect(201)["id"].clone());
    let ids: Vec<String> = ids.map(|id| id.as_str().unwrap().to_owned()).collect();
    conflicts_now_and_then(&app);
    // DynamoDB Local cannot finish the transactions of 64 writers within the time of a request.
    let at_once = if is_embedded() { 4 } else { 1 };
    for batch in ids.chunks(at_once) {
        join_all(batch.iter().map(|id| race_for(id, &writers))).await;
    }
    app.faults.clear();
    for id in &ids {
        assert_eq!(stored::checked(&app, id).await, 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_raced_by_many_has_one_effect() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    conflicts_now_and_then(&app);
    for n in 0..20 {
        let key = format!("create-{n}");
        let body = order("m1", "c1");
        let create = (0..WRITERS).map(|_| merchant.keyed(Method::POST, "/orders", &key, &body));
        let responses = join_all(create).await;
        let ids: HashSet<String> =
            responses.iter().map(|it| it.expect(201)["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 1);
        assert_eq!(replays(&responses), WRITERS - 1);

        let id = ids.into_iter().next().unwrap();
        let path = format!("/orders/{id}/status");
        let body = json!({ "status": "picked_up" });
        let change = (0..WRITERS).map(|_| merchant.keyed(Method::PATCH, &path, &key, &body));
        let responses = join_all(change).await;
        let bodies: HashSet<String> =
            responses.iter().map(|it| it.expect(200).to_string()).collect();
        assert_eq!(bodies.len(), 1, "every replay is the first answer again");
        assert_eq!(replays(&responses), WRITERS - 1);
        assert_eq!(stored::checked(&app, &id).await, 2);
    }
}

fn replays(responses: &[Response]) -> usize {
    responses.iter().filter(|response| response.header("idempotent-replayed") == "true").count()
}

/// Of dispatchers who assign different drivers at once, one is told that it did; the others are
/// told whom the order has. With `"replace": true` each of them may take the order from the last.
#[tokio::test(flavor = "multi_thread")]
async fn six_dispatchers_who_assign_at_once_agree_on_the_driver() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let dispatchers = vec![merchant.clone(); 6];
    conflicts_now_and_then(&app);
    for _ in 0..20 {
        let id = app.place_order().await;
        let assigned = round(&dispatchers, |n, dispatcher| {
            let id = id.clone();
            async move {
                let response = dispatcher.assign(&id, &format!("d{n}")).await;
                if response.status != 200 {
                    let driver = merchant_sees(&dispatcher, &id).await;
                    assert_eq!(response.problem(409, "already-assigned")["driver"], driver);
                }
                response
            }
        });
        let driver = assigned.await.json()["driver"].clone();
        assert_eq!(merchant_sees(&merchant, &id).await, driver);
        assert_eq!(stored::checked(&app, &id).await, 2);
    }
}

async fn merchant_sees(merchant: &Client, id: &str) -> Value {
    merchant.order(id).await.expect(200)["driver"].clone()
}

/// Concurrent assignments leave the order with one driver.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_has_the_driver_whom_its_last_event_names() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let assign = (0..WRITERS).map(|n| {
        let (ops, id) = (ops.clone(), id.clone());
        async move { ops.replace_driver(&id, &format!("d{n}")).await.status }
    });
    let accepted = join_all(assign).await.into_iter().filter(|status| *status == 200).count();
    let history = ops.history(&id).await.expect(200);
    let last: &Value = history["events"].as_array().unwrap().last().unwrap();
    assert_eq!(last["data"]["driver"], ops.order(&id).await.expect(200)["driver"]);
    assert_eq!(stored::checked(&app, &id).await, accepted as u64 + 1);
}
