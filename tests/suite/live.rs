//! The messages that a client sends and receives over its WebSocket.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{App, Live, id_of, is_embedded, order, people, stored};

/// The maximum number of topics that one connection may subscribe to.
const MAX_TOPICS: usize = 100;

#[track_caller]
fn assert_problem(frame: &Value, status: u16, kind: &str) {
    assert_eq!(frame["type"], "problem", "{frame}");
    assert_eq!(frame["problem"]["status"], status, "{frame}");
    assert_eq!(frame["problem"]["type"], format!("urn:waybill:problem:{kind}"), "{frame}");
}

/// Returns the events of one order from all received messages.
fn of_order<'a>(received: &'a [Value], id: &str) -> Vec<&'a Value> {
    let events = received.iter().flat_map(|frame| frame["events"].as_array().expect("events"));
    events.filter(|event| event["order_id"] == id).collect()
}

fn versions<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<u64> {
    events.into_iter().map(|event| event["version"].as_u64().expect("a version")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_hears_what_it_listens_to_and_for_as_long() {
    let app = App::start().await;
    let mut live = app.live(&app.client(people::merchant("m1")).await).await;
    assert_eq!(live.until_pong().await, [] as [Value; 0]);
    app.place_order().await;
    app.relayed().await;
    assert_eq!(live.until_pong().await, [] as [Value; 0], "it has not asked yet");

    let topic = "merchant:m1";
    live.subscribe(topic).await;
    live.subscribe(topic).await;
    let id = app.place_order().await;
    app.relayed().await;
    assert_eq!(versions(of_order(&live.until_pong().await, &id)), [1]);

    let unsubscribed = json!({ "type": "unsubscribed", "topic": topic });
    assert_eq!(live.ask("unsubscribe", topic).await, unsubscribed);
    assert_eq!(live.ask("unsubscribe", topic).await, unsubscribed, "again is no change");
    app.ops().await.assign(&id, "d1").await.expect(200);
    app.relayed().await;
    assert_eq!(live.until_pong().await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_none_is_refused_and_the_connection_lives_on() {
    let app = App::start().await;
    let mut live = app.live(&app.client(people::merchant("m1")).await).await;
    live.subscribe("merchant:m1").await;
    for (message, status, kind) in [
        ("", 400, "invalid-json"),
        ("ping", 400, "invalid-json"),
        (r#"{"action":"ping""#, 400, "invalid-json"),
        (r#"{"action":"ping"}{}"#, 400, "invalid-json"),
        ("[]", 422, "invalid-fields"),
        ("null", 422, "invalid-fields"),
        ("{}", 422, "invalid-fields"),
        (r#"{"action":"shout"}"#, 422, "invalid-fields"),
        (r#"{"action":"$connect"}"#, 422, "invalid-fields"),
        (r#"{"action":["ping"]}"#, 422, "invalid-fields"),
        (r#"{"action":"ping","colour":"red"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":7}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":"weather"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":"merchant:"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":"order:7"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":"connection#1"}"#, 422, "invalid-fields"),
        (r#"{"action":"subscribe","topic":"merchant:m2"}"#, 403, "forbidden"),
    ] {
        live.send_text(message).await;
        assert_problem(&live.next().await, status, kind);
    }
    // The last of these is JSON once API Gateway has encoded it in base64: 1234.
    for bytes in [&b"\xff\x00"[..], br#"{"action":"ping"}"#, b"\xd7\x6d\xf8"] {
        live.send_binary(bytes).await;
        assert_eq!(live.next().await["type"], "problem");
    }
    let id = app.place_order().await;
    assert_eq!(live.events(1).await[0]["order_id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_listens_to_100_topics_at_most() {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    for n in 0..MAX_TOPICS {
        live.subscribe(&format!("merchant:m{n}")).await;
    }
    assert_problem(&live.ask("subscribe", "merchant:more").await, 429, "too-many-topics");
    live.subscribe("merchant:m7").await;
    assert_eq!(live.ask("unsubscribe", "merchant:m7").await["type"], "unsubscribed");
    live.subscribe("merchant:more").await;
    assert_problem(&live.ask("subscribe", "merchant:m7").await, 429, "too-many-topics");
    app.place_order().await;
    assert_eq!(live.events(1).await[0]["version"], 1, "it still hears");
}

/// API Gateway does not keep the messages of a connection in order: all of these reach the
/// function concurrently.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_listens_to_100_topics_at_most_however_it_hurries() {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    let room = 5;
    for n in room..MAX_TOPICS {
        live.subscribe(&format!("merchant:m{n}")).await;
    }
    let rows = stored::items(&app, "SubscriptionsTable").await;
    let connection = stored::text(&rows[0], "connection_id");
    let subscribe = async |n: usize| {
        let body = json!({ "action": "subscribe", "topic": format!("store:m1:s{n}") });
        let event = json!({
            "requestContext": {
                "connectionId": connection,
                "eventType": "MESSAGE",
                "routeKey": "$default",
                "connectedAt": 0,
                "requestTimeEpoch": 0,
                "authorizer": { "role": "ops", "id": "olga", "expires_at": "2999-01-01T00:00:00Z" },
            },
            "body": body.to_string(),
            "isBase64Encoded": false,
        });
        let response = app.runner.invoke("live-message", &event).await.expect("an answer");
        let frame = response["body"].as_str().expect("a frame");
        serde_json::from_str::<Value>(frame).expect("JSON")
    };
    let frames = join_all((0..20).map(subscribe)).await;
    let (done, refused): (Vec<_>, Vec<_>) =
        frames.iter().partition(|frame| frame["type"] == "subscribed");
    assert_eq!(done.len(), room);
    for frame in refused {
        assert_problem(frame, 429, "too-many-topics");
    }
    let rows = stored::items(&app, "SubscriptionsTable").await;
    assert_eq!(rows.len(), MAX_TOPICS + 1, "each topic, and the connection's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_listens_to_several_topics_of_an_order_hears_each_event_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut live = app.live(&ops).await;
    for topic in ["orders", "merchant:m1", "store:m1:s1", "customer:m1:c1", "driver:d1"] {
        live.subscribe(topic).await;
    }
    let mut body = order("m1", "c1");
    body["store"] = json!("s1");
    let id = id_of(&ops.create(&body).await.expect(201));
    let mut received = live.events(1).await;
    live.subscribe(&format!("order:{id}")).await;
    ops.assign(&id, "d1").await.expect(200);
    ops.replace_driver(&id, "d2").await.expect(200);
    ops.unassign(&id, "on foot").await.expect(200);
    ops.move_to(&id, "cancelled").await.expect(200);
    app.relayed().await;
    let later = live.until_pong().await;
    received.extend(of_order(&later, &id).into_iter().cloned());
    assert_eq!(versions(&received), [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_each_order_come_in_order() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut live = app.live(&ops).await;
    live.subscribe("merchant:m1").await;
    let live_through = async || {
        let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
        ops.assign(&id, "d1").await.expect(200);
        for status in ["picked_up", "in_transit", "delivered"] {
            ops.move_to(&id, status).await.expect(200);
        }
    };
    join_all((0..40).map(|_| live_through())).await;
    let mut orders: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in live.events(40 * 5).await {
        let id = event["order_id"].as_str().unwrap().to_owned();
        orders.entry(id).or_default().push(event);
    }
    assert_eq!(orders.len(), 40);
    assert!(orders.values().all(|events| versions(events) == [1, 2, 3, 4, 5]), "{orders:?}");
    // The last message of a large batch can have orders without events.
    let rest = live.until_pong().await;
    assert!(rest.iter().all(|message| message["events"] == json!([])), "{rest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_hear_one_change_each_once() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let listen = async || {
        let mut live = app.live(&merchant).await;
        live.subscribe("merchant:m1").await;
        live
    };
    let mut all: Vec<Live> = join_all((0..50).map(|_| listen())).await;
    let id = app.place_order().await;
    app.relayed().await;
    for received in join_all(all.iter_mut().map(Live::until_pong)).await {
        assert_eq!(versions(of_order(&received, &id)), [1]);
        assert_eq!(received.len(), 1, "{received:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_received_within_50_milliseconds_of_its_response() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    app.relayed().await;
    let mut live = app.live(&ops).await;
    live.subscribe("merchant:m1").await;
    let mut waits = Vec::new();
    for n in 0..200 {
        ops.replace_driver(&id, &format!("d{n}")).await.expect(200);
        let responded = Instant::now();
        live.events(1).await;
        waits.push(responded.elapsed());
    }
    waits.sort_unstable();
    let (median, p99) = (waits[100], waits[198]);
    println!("from answer to frame: median {:.1} ms, p99 {:.1} ms", ms(median), ms(p99));
    // The budget is that of the runner with its own database.
    assert!(median < Duration::from_millis(50) || !is_embedded(), "median {median:?}");
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
