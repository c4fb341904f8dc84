//! The end of connections, which leave no rows behind.

use emulator::transport::{Call, Fault};
use serde_json::{Value, json};

use crate::harness::{App, Live, Stopped, eventually, id_of, order, people, stored};

/// Connects an ops user whose token expires after a minute, subscribed to every order.
async fn watching(app: &App) -> Live {
    let mut person = people::ops();
    person["expires_in"] = 60.into();
    let mut live = app.live(&app.client(person).await).await;
    live.subscribe("orders").await;
    live
}

async fn assert_closed(live: &mut Live) {
    assert_eq!(live.next().await, json!({ "type": "closing", "reason": "token-expired" }));
    live.next_or_close().await.expect_err("a close");
}

async fn nobody_is_left(app: &App) {
    eventually("no row of a connection", async || {
        stored::items(app, "SubscriptionsTable").await.is_empty()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_its_token_a_connection_is_told_nothing_more() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let mut live = watching(&app).await;
    time.forward(59);
    let id = app.place_order().await;
    assert_eq!(live.events(1).await[0]["order_id"], id);
    time.forward(1);
    app.place_order().await;
    assert_closed(&mut live).await;
    nobody_is_left(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_its_token_a_connection_can_ask_nothing_more() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    for message in [r#"{"action":"ping"}"#, r#"{"action":"subscribe","topic":"merchant:m1"}"#, "x"]
    {
        let mut live = watching(&app).await;
        time.forward(60);
        live.send_text(message).await;
        assert_closed(&mut live).await;
    }
    nobody_is_left(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_of_its_token_a_silent_connection_is_closed_by_the_next_sweep() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let mut silent = watching(&app).await;
    stored::leave_a_ghost(&app, true).await;
    let mut stays = app.live(&app.ops().await).await;
    time.forward(59);
    app.sweep().await;
    silent.until_pong().await;
    time.forward(1);
    app.sweep().await;
    assert_closed(&mut silent).await;
    stays.until_pong().await;
    eventually("only the connection of the other token is left", async || {
        stored::items(&app, "SubscriptionsTable").await.len() == 1
    })
    .await;
}

/// The connection is closed, but DynamoDB does not delete its rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_could_not_be_ended_is_ended_by_the_next_sweep() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let mut live = watching(&app).await;
    stored::leave_a_ghost(&app, true).await;
    time.forward(60);
    app.faults.inject(|call: &Call| {
        let is_end = call.function == "sweep" && call.operation() == "DeleteItem";
        is_end.then(Fault::internal_server_error)
    });
    app.sweep().await;
    assert_closed(&mut live).await;
    assert!(stored::ghosts(&app).await > 0);
    app.faults.clear();
    app.sweep().await;
    nobody_is_left(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_leaves_nothing_behind() {
    let app = App::start().await;
    let topics = ["orders", "merchant:m1", "store:m1:s1", "driver:d1"];
    let ops = app.ops().await;
    for says_goodbye in [true, false] {
        let mut live = app.live(&ops).await;
        for topic in topics {
            live.subscribe(topic).await;
        }
        // One row for each topic, and the connection's own row.
        assert_eq!(stored::items(&app, "SubscriptionsTable").await.len(), topics.len() + 1);
        if says_goodbye {
            live.close().await;
        } else {
            drop(live);
        }
        nobody_is_left(&app).await;
    }
}

async fn check_exorcism(complete: bool) {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    live.subscribe("orders").await;
    live.subscribe("merchant:m1").await;
    stored::leave_a_ghost(&app, complete).await;
    assert_eq!(stored::ghosts(&app).await, if complete { 3 } else { 2 });
    let id = id_of(&app.ops().await.create(&order("m1", "c1")).await.expect(201));
    eventually("the ghost is gone", async || stored::ghosts(&app).await == 0).await;
    let received: Vec<Value> = live.events(1).await;
    assert_eq!(received[0]["order_id"], id, "those who are there still hear");
}

/// The client is gone, but `$disconnect` never came.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_gone_is_forgotten_at_the_next_change() {
    check_exorcism(true).await;
}

/// A disconnection deleted the connection's own row, and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_without_a_connection_is_forgotten_at_the_next_change() {
    check_exorcism(false).await;
}
