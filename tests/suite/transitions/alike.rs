//! Rules that hold for every change, each tried on an order that allows it: the change honours
//! `If-Match`, and is made once under one `Idempotency-Key`.

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use super::scene::Scene;
use super::table::{Ask, Outcome, Seer, Table};
use super::{AT_ONCE, COURIER, GROCERY, PARCEL};
use crate::harness::{App, Change, Client, people, stored};

/// Returns each request, with the first status in which ops may make it.
fn allowed(table: &Table) -> impl Iterator<Item = (Ask, Scene<'_>)> {
    Ask::all(table).into_iter().filter_map(|ask| {
        let is_allowed = |scene: &Scene<'_>| {
            let outcome = table.outcome(scene.status, Seer::OPS, ask);
            matches!(outcome, Outcome::Moves { .. } | Outcome::Stays)
        };
        Some((ask, Scene::all(table).find(is_allowed)?))
    })
}

/// Tries every change on the workflows that have it.
#[tokio::test(flavor = "multi_thread")]
async fn every_change_honours_if_match_and_is_made_once_under_one_key() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut tried = Vec::new();
    for table in [&GROCERY, &COURIER, &PARCEL] {
        let changes = stream::iter(allowed(table)).map(async |(ask, scene)| {
            let subject = scene.place(&ops).await;
            let change = ask.change(subject.issue);
            check(&app, &ops, &subject.id, subject.version, &change).await;
            change.route
        });
        tried.extend(changes.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
    }
    tried.extend(check_offers(&app, &ops).await);
    for change in Change::all() {
        assert!(tried.contains(&change.route), "{change:?} is allowed nowhere");
    }
}

/// Tries the changes of an offer, which only a driver answers; returns their routes.
async fn check_offers(app: &App, ops: &Client) -> [&'static str; 3] {
    let (offer, driver) = (Change::offer(), app.client(people::driver("d9")).await);
    check(app, ops, &app.place_order().await, 1, &offer).await;
    let answers = [Change::operation("accept"), Change::decline()];
    for answer in &answers {
        let id = app.place_order().await;
        offer.ask(ops, &id).await.expect(200);
        check(app, &driver, &id, 2, answer).await;
    }
    [offer.route, answers[0].route, answers[1].route]
}

/// The order has this version; the client may make the change.
async fn check(app: &App, client: &Client, id: &str, version: u64, change: &Change) {
    // A driver who declines an offer sees no more of the order.
    let made = if change.route == "decline" { 204 } else { 200 };
    let (current, next) = (format!("\"{version}\""), format!("\"{}\"", version + 1));
    let send = async |tag: &str, key: &str| {
        change.ask_with(client, id, &[("if-match", tag), ("idempotency-key", key)]).await
    };
    for stale in [&next, &format!("\"{}\"", version - 1), &format!("W/{next}")] {
        let refused = send(stale, "k").await;
        assert!(refused.is_problem(412, "precondition-failed"), "{change:?}: {refused:?}");
        assert_eq!(refused.header("etag"), current, "{change:?}");
    }
    send(&version.to_string(), "k").await.problem(400, "invalid-header");
    send(&current, "").await.problem(400, "invalid-header");

    let first = send(&current, "k").await;
    assert_eq!(
        (first.status, first.header("etag")),
        (made, next.as_str()),
        "{change:?}: {first:?}"
    );
    assert_eq!(first.header("idempotent-replayed"), "");
    // The order changes, but the response stays the same.
    Change::open_issue().ask(&app.ops().await, id).await.expect(200);
    // A proxy that compresses responses makes their tags weak.
    let again = send(&format!("W/{current}"), "k").await;
    assert_eq!((again.status, &again.text), (made, &first.text), "{change:?}");
    assert_eq!(again.header("etag"), next, "{change:?}");
    assert_eq!(again.header("idempotent-replayed"), "true", "{change:?}");

    let mut other = change.clone();
    match &mut other.body {
        Value::Null => other.body = json!({ "note": "otherwise" }),
        body => body["note"] = json!("otherwise"),
    }
    let reused = other.ask_with(client, id, &[("idempotency-key", "k")]).await;
    assert!(reused.is_problem(422, "key-reused"), "{change:?}: {reused:?}");
    assert_eq!(stored::checked(app, id).await, version + 2, "{change:?}");
}
