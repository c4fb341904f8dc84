//! The bound of connections per principal: under races, after crashes, and after disconnections
//! that nobody heard of.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use emulator::meter::Units;
use emulator::transport::{Call, Fault};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use waybill_client::{ConnectError, Feed, FeedError, News};

use crate::harness::{App, Client, DEADLINE, Live, Response, Stopped, eventually, people, stored};

/// Starts with a clock of the test, where a principal can have `most` connections.
async fn crowded(time: &Stopped, most: u32) -> App {
    App::start_with(|options| {
        options.clock = time.clock();
        options.connections_per_principal = most;
    })
    .await
}

async fn connect(app: &App, client: &Client) -> Result<Live, u16> {
    Live::connect(&app.runner.live_url(), Some(client.token())).await
}

async fn ticket(client: &Client) -> Response {
    client.post("/live/tickets", &Value::Null).await
}

/// Returns the ids of the connections that are counted, by principal.
async fn counted(app: &App) -> BTreeMap<String, BTreeSet<String>> {
    let rows = stored::items(app, "SubscriptionsTable").await;
    let sets = rows.iter().filter_map(|row| {
        let topic = stored::text(row, "topic");
        let principal = topic.strip_prefix("principal#")?.to_owned();
        let ids = row.get("connections")?.as_ss().expect("a set").iter().cloned().collect();
        Some((principal, ids))
    });
    sets.collect()
}

/// Returns the ids of the connections that have a row.
async fn connected(app: &App) -> BTreeSet<String> {
    let rows = stored::items(app, "SubscriptionsTable").await;
    let topics = rows.iter().map(|row| stored::text(row, "topic"));
    topics.filter_map(|topic| Some(topic.strip_prefix("connection#")?.to_owned())).collect()
}

/// Asserts that the connections that are counted are those that have a row, as many as are open.
async fn assert_counted(app: &App, open: usize) {
    let counted: BTreeSet<_> = counted(app).await.into_values().flatten().collect();
    assert_eq!((counted.len(), &counted), (open, &connected(app).await));
}

async fn until_counted(app: &App, open: usize) {
    eventually("the connections are counted", async || {
        counted(app).await.values().map(BTreeSet::len).sum::<usize>() == open
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_handshakes_that_race_as_many_succeed_as_there_is_room_for() {
    let app = crowded(&Stopped::now(), 3).await;
    let driver = app.client(people::driver("d1")).await;
    for _ in 0..3 {
        let race = join_all((0..16).map(|_| connect(&app, &driver))).await;
        let (open, refused): (Vec<_>, Vec<_>) = race.into_iter().partition(Result::is_ok);
        assert_eq!(open.len(), 3);
        assert!(refused.iter().all(|it| matches!(it, Err(429))));
        assert_counted(&app, 3).await;
        for live in open.into_iter().flatten() {
            live.close().await;
        }
        until_counted(&app, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn principals_do_not_share_room_and_operations_and_support_have_ten_times_as_much() {
    let app = crowded(&Stopped::now(), 1).await;
    let same_id = |role: &str| json!({ "role": role, "id": "auth0|one", "merchant": "m1" });
    let mut open = Vec::new();
    for (person, most) in [
        (people::driver("d1"), 1),
        (people::driver("d2"), 1),
        (same_id("driver"), 1),
        (same_id("customer"), 1),
        (same_id("ops"), 10),
        (people::support(), 10),
    ] {
        let client = app.client(person.clone()).await;
        for _ in 0..most {
            open.push(connect(&app, &client).await.expect("room"));
        }
        assert_eq!(connect(&app, &client).await.err(), Some(429), "{person}");
    }
    assert_counted(&app, open.len()).await;
    let principals: Vec<_> = counted(&app).await.into_keys().collect();
    assert!(principals.contains(&"ops#auth0%7Cone".to_owned()), "{principals:?}");
}

/// A person with tokens for two stores is one principal.
#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_of_a_person_share_their_room() {
    let app = crowded(&Stopped::now(), 1).await;
    let (mut one, mut another) = (people::store("m1", "s1"), people::store("m1", "s2"));
    (one["id"], another["id"]) = (json!("clerk"), json!("clerk"));
    let _open = connect(&app, &app.client(one).await).await.expect("room");
    assert_eq!(connect(&app, &app.client(another).await).await.err(), Some(429));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_a_ticket_is_refused_with_the_reason() {
    let app = crowded(&Stopped::now(), 1).await;
    let driver = app.client(people::driver("d1")).await;
    let early = ticket(&driver).await.expect(201);
    let url = format!("{}?ticket={}", app.runner.live_url(), early["ticket"].as_str().unwrap());
    let live = connect(&app, &driver).await.expect("room");
    assert_eq!(Live::connect(&url, None).await.err(), Some(429), "a ticket is no room");
    let problem = ticket(&driver).await.expect(429);
    assert_eq!(problem["type"], "urn:waybill:problem:too-many-connections");
    assert!(problem["detail"].as_str().unwrap().starts_with("You have 1 WebSocket connections"));
    ticket(&app.client(people::driver("d2")).await).await.expect(201);
    live.close().await;
    until_counted(&app, 0).await;
    ticket(&driver).await.expect(201);
}

/// The token of a client's first connection expires. Before the client connects again, another
/// connection takes its room.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_room_is_told_so_and_comes_back_when_there_is_room() {
    let time = Stopped::now();
    let app = Arc::new(crowded(&time, 1).await);
    let mut brief = people::driver("d1");
    brief["expires_in"] = json!(60);
    let (brief, driver) = (app.client(brief).await, app.client(people::driver("d1")).await);
    let (give, mut other) = mpsc::unbounded_channel();
    let calls = AtomicUsize::new(0);
    let (at, by) = (Arc::clone(&app), driver.clone());
    let token = move || {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        let (app, driver, brief, give) = (at.clone(), by.clone(), brief.clone(), give.clone());
        async move {
            if call == 1 {
                until_counted(&app, 0).await;
                give.send(connect(&app, &driver).await).expect("the test waits");
            }
            let client = if call == 0 { brief } else { driver };
            Ok::<_, Infallible>(client.token().to_owned())
        }
    };
    let url = app.runner.live_url().parse().expect("a URL");
    let feed = Feed::open(url, "driver:d1", token).await.expect("room");
    let (tell, mut told) = mpsc::unbounded_channel();
    tokio::spawn(feed.run(move |news| {
        tell.send(news).ok();
        ControlFlow::<()>::Continue(())
    }));
    let mut until = async |wanted: News| {
        let found = async { while told.recv().await.expect("a running feed") != wanted {} };
        timeout(DEADLINE, found).await.expect("the news in time");
    };
    until(News::Current).await;
    time.forward(60);
    app.sweep().await;
    until(News::Lost("limited".to_owned())).await;
    let first = Feed::open(app.runner.live_url().parse().expect("a URL"), "driver:d1", || {
        std::future::ready(Ok::<_, Infallible>(driver.token().to_owned()))
    });
    let refused = first.await.err();
    assert!(matches!(refused, Some(FeedError::Connect(ConnectError::Limited))), "{refused:?}");
    other.recv().await.expect("it was asked for").expect("room").leave().await;
    until(News::Current).await;
}

/// Two of three connections leave, one stays.
#[tokio::test(flavor = "multi_thread")]
async fn lost_disconnects_are_mended_by_one_sweep() {
    let time = Stopped::now();
    let app = crowded(&time, 3).await;
    let driver = app.client(people::driver("d1")).await;
    let mut stays = connect(&app, &driver).await.expect("room");
    stays.subscribe("driver:d1").await;
    app.faults.lose_disconnects(|_| true);
    for _ in 0..2 {
        let mut leaves = connect(&app, &driver).await.expect("room");
        leaves.subscribe("driver:d1").await;
        leaves.leave().await;
    }
    assert_eq!(connect(&app, &driver).await.err(), Some(429));
    time.forward(60);
    app.sweep().await;
    assert_counted(&app, 1).await;
    assert_eq!(stays.until_pong().await, [Value::Null; 0]);
    assert_eq!(stored::items(&app, "SubscriptionsTable").await.len(), 3, "and nothing else");
    drop(connect(&app, &driver).await.expect("room"));
}

/// The function stops after it deleted the row of a connection, of a principal who has room.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_a_disconnect_is_mended_by_one_sweep() {
    let app = crowded(&Stopped::now(), 20).await;
    let driver = app.client(people::driver("d1")).await;
    let mut stays = connect(&app, &driver).await.expect("room");
    let leaves = connect(&app, &driver).await.expect("room");
    app.faults.inject(|call: &Call| {
        let crashes = call.function == "live-connect" && call.operation() == "UpdateItem";
        crashes.then_some(Fault::Unreachable)
    });
    leaves.close().await;
    eventually("the row is gone", async || connected(&app).await.len() == 1).await;
    assert_eq!(counted(&app).await["driver#d1"].len(), 2);
    app.sweep().await;
    assert_counted(&app, 1).await;
    assert_eq!(stays.until_pong().await, [Value::Null; 0]);
}

/// The connection is stored, and no response of the database arrives: the handshake fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_of_a_handshake_is_mended_by_one_sweep() {
    let time = Stopped::now();
    let app = crowded(&time, 1).await;
    let driver = app.client(people::driver("d1")).await;
    app.faults.inject(|call: &Call| {
        (call.operation() == "TransactWriteItems").then_some(Fault::LoseResponse)
    });
    assert_eq!(connect(&app, &driver).await.err(), Some(502));
    app.faults.clear();
    assert_eq!(connect(&app, &driver).await.err(), Some(429));
    time.forward(60);
    app.sweep().await;
    assert_counted(&app, 0).await;
    assert!(connect(&app, &driver).await.is_ok());
}

/// The tries of the SDK, in which `DynamoDB` recognises the same transaction. In a later one the
/// connection is counted already.
const SDK_TRIES: usize = 3;

/// During its handshake a connection is stored and API Gateway does not know it yet.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_during_a_handshake_leaves_the_connection_alone() {
    let app = crowded(&Stopped::now(), 1).await;
    let driver = app.client(people::driver("d1")).await;
    let (go_on, may_go_on) = watch::channel(false);
    let tries = Arc::new(AtomicUsize::new(0));
    app.faults.inject(move |call: &Call| match call.operation() {
        "TransactWriteItems" if tries.fetch_add(1, Ordering::SeqCst) < SDK_TRIES => {
            Some(Fault::LoseResponse)
        }
        "TransactWriteItems" if !*may_go_on.borrow() => Some(Fault::Wait(may_go_on.clone())),
        _ => None,
    });
    let sweep = async {
        until_counted(&app, 1).await;
        app.sweep().await;
        assert_counted(&app, 1).await;
        go_on.send_replace(true);
    };
    let (live, ()) = tokio::join!(connect(&app, &driver), sweep);
    assert_eq!(live.expect("a connection").until_pong().await, [Value::Null; 0]);
}

/// One connection cannot be asked for and another not deleted; the third is still mended.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_cannot_be_mended_stops_no_other() {
    let time = Stopped::now();
    let app = crowded(&time, 3).await;
    let driver = app.client(people::driver("d1")).await;
    app.faults.lose_disconnects(|_| true);
    for _ in 0..3 {
        connect(&app, &driver).await.expect("room").leave().await;
    }
    let ids: Vec<_> = connected(&app).await.into_iter().collect();
    let (unasked, undeleted) = (ids[0].clone(), format!("connection#{}", ids[1]));
    app.faults.inject(move |call: &Call| match call.operation() {
        "GetConnection" if call.request["ConnectionId"] == unasked => Some(Fault::limit_exceeded()),
        "DeleteItem" if call.request["Key"]["topic"]["S"] == undeleted => {
            Some(Fault::internal_server_error())
        }
        _ => None,
    });
    time.forward(60);
    app.sweep().await;
    assert_eq!(connected(&app).await, ids[..2].iter().cloned().collect());
    assert_counted(&app, 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_bound_nothing_is_counted() {
    let app = crowded(&Stopped::now(), 0).await;
    let driver = app.client(people::driver("d1")).await;
    app.runner.meter().take();
    let open = join_all((0..30).map(|_| connect(&app, &driver))).await;
    assert!(open.iter().all(Result::is_ok));
    ticket(&driver).await.expect(201);
    app.sweep().await;
    let rows = stored::items(&app, "SubscriptionsTable").await;
    assert_eq!(rows.len(), 31);
    assert!(rows.iter().all(|row| !row.contains_key("counted_at")), "{rows:?}");
    assert_eq!(counted(&app).await, BTreeMap::new());
    let usage = app.runner.meter().take();
    assert_eq!(usage.units_of("live-connect"), Units { writes: 30.0, reads: 0.0 });
    assert_eq!(usage.units_of("live-tickets"), Units { writes: 1.0, reads: 0.0 });
}
