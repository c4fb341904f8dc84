//! The relay and its batches: one message for each connection, and records that cannot be parsed.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use db::Subscriber;
use domain::topics::Topic;
use emulator::Streams;
use emulator::transport::{Fault, Service};
use serde_json::{Value, json};

use crate::harness::{App, Client, Live, Records, Stopped, order, people, stored};

/// A system in which the test delivers the stream's records to the relay.
struct Batches {
    app: App,
    ops: Client,
    records: Records,
}

impl Batches {
    async fn start() -> Self {
        let app = App::start_with(|options| options.streams = Streams::ByHand).await;
        let (ops, records) = (app.ops().await, Records::of(&app.runner).await);
        Self { app, ops, records }
    }

    /// Connects the merchant m1, subscribed to its orders.
    async fn listener(&self) -> Live {
        let mut live = self.app.live(&self.app.client(people::merchant("m1")).await).await;
        live.subscribe("merchant:m1").await;
        live
    }

    /// Invokes the relay; returns the position of the first record to be retried, if any.
    async fn relay(&self, records: &[Value]) -> Option<usize> {
        let event = json!({ "Records": records });
        let response = self.app.runner.invoke("relay", &event).await.expect("an answer");
        let failures = response["batchItemFailures"].as_array().expect("a list");
        let failed = |record: &Value| {
            let number = &record["dynamodb"]["SequenceNumber"];
            failures.iter().any(|failure| failure["itemIdentifier"] == *number)
        };
        let first = records.iter().position(failed);
        assert_eq!(first.is_some(), !failures.is_empty(), "{response}");
        first
    }

    /// Returns the messages in the failure queue.
    fn failures(&self) -> Vec<Value> {
        let messages = self.app.runner.messages("RelayFailures");
        messages.iter().map(|it| serde_json::from_str(&it.body).expect("JSON")).collect()
    }
}

/// Returns the received events, each by order and version.
fn received(messages: &[Value]) -> Vec<(String, u64)> {
    let events = messages.iter().flat_map(|it| it["events"].as_array().expect("events"));
    let name = |event: &Value| {
        let id = event["order_id"].as_str().expect("an id").to_owned();
        (id, event["version"].as_u64().expect("a version"))
    };
    events.map(name).collect()
}

/// Changes a record so that it cannot be parsed.
fn poison(record: &mut Value) {
    record["dynamodb"]["NewImage"]["status"] = json!({ "S": "dreaming \u{fffe}" });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_updates_in_a_batch_are_one_message() {
    let mut batches = Batches::start().await;
    let mut live = batches.listener().await;
    for _ in 0..5 {
        let id = batches.app.place_order().await;
        for n in 1..20 {
            batches.ops.replace_driver(&id, &format!("d{n}")).await.expect(200);
        }
    }
    let records = batches.records.take_all(100).await;
    assert_eq!(records.len(), 100);
    let posts = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&posts);
    batches.app.faults.inject(move |call| {
        if call.operation() == "PostToConnection" {
            counted.fetch_add(1, Ordering::Relaxed);
        }
        None
    });
    assert_eq!(batches.relay(&records).await, None);
    println!("100 updates in one batch, one subscriber: {} post", posts.load(Ordering::Relaxed));
    assert_eq!(posts.load(Ordering::Relaxed), 1);
    let messages = live.until_pong().await;
    assert_eq!((messages.len(), received(&messages).len()), (1, 100));
    assert_eq!(messages[0]["orders"].as_array().expect("orders").len(), 5, "each once");
    let stands = |order: &Value| order["version"] == 20 && order["driver"] == "d19";
    assert!(messages[0]["orders"].as_array().expect("orders").iter().all(stands));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_has_a_message_before_anybody_has_a_second() {
    let mut batches = Batches::start().await;
    let names = (0..10).map(|number| format!("one{number}"));
    let names = names.chain(std::iter::repeat_n("many".to_owned(), 30));
    let mut listening = Vec::new();
    for name in names {
        let mut person = people::merchant("m1");
        person["id"] = name.into();
        let mut live = batches.app.live(&batches.app.client(person).await).await;
        live.subscribe("merchant:m1").await;
        listening.push(live);
    }
    let topic = Topic::parse("merchant:m1").expect("a topic");
    let subscribers = stored::db(&batches.app).subscribers(&topic).await.expect("subscribers");
    let person = |it: Subscriber| (it.connection.as_str().to_owned(), it.principal.id);
    let persons: HashMap<_, _> = subscribers.into_iter().map(person).collect();
    let id = batches.app.place_order().await;
    let records = batches.records.take_all(1).await;
    let served: Arc<Mutex<Vec<String>>> = Arc::default();
    let serving = Arc::clone(&served);
    batches.app.faults.inject(move |call| {
        let connection = call.request["ConnectionId"].as_str()?.to_owned();
        serving.lock().expect("a lock").push(connection);
        None
    });
    assert_eq!(batches.relay(&records).await, None);
    let served: Vec<_> =
        served.lock().expect("a lock").iter().map(|it| persons[it].clone()).collect();
    let first: HashSet<_> = served[..11].iter().collect();
    assert_eq!((first.len(), served.len()), (11, 40), "{served:?}");
    for live in &mut listening {
        assert_eq!(received(&live.until_pong().await), [(id.clone(), 1)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_again_in_a_batch_is_sent_once() {
    let mut batches = Batches::start().await;
    let mut live = batches.listener().await;
    let id = batches.app.place_order().await;
    for n in 1..4 {
        batches.ops.replace_driver(&id, &format!("d{n}")).await.expect(200);
    }
    let records = batches.records.take_all(4).await;
    let order = [0, 0, 1, 0, 1, 2, 1, 3, 3, 2];
    let mut again: Vec<_> = order.iter().map(|at| records[*at].clone()).collect();
    // A write that changed nothing: the embedded database emits a record of it, AWS does not.
    let mut nothing = records[3].clone();
    nothing["dynamodb"]["OldImage"] = nothing["dynamodb"]["NewImage"].clone();
    again.push(nothing);
    batches.relay(&again).await;
    let versions: Vec<_> = received(&live.until_pong().await).iter().map(|it| it.1).collect();
    assert_eq!(versions, [1, 2, 3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_does_not_read_stops_nothing_and_is_replayed_from_history() {
    let mut batches = Batches::start().await;
    let mut live = batches.listener().await;
    let (good, bad) = (batches.app.place_order().await, batches.app.place_order().await);
    batches.ops.assign(&bad, "d1").await.expect(200);
    batches.ops.assign(&good, "d1").await.expect(200);
    let mut records = batches.records.take_all(4).await;
    poison(&mut records[2]);

    assert_eq!(batches.relay(&records).await, None, "it counts as done");
    let messages = live.until_pong().await;
    let expected = [(good.clone(), 1), (bad.clone(), 1), (good.clone(), 2)];
    assert_eq!(received(&messages), expected);
    let failures = batches.failures();
    let [failure] = &failures[..] else { panic!("{failures:?}") };
    assert_eq!(failure["record"], records[2], "raw");
    assert_eq!((&failure["order_id"], &failure["after"]), (&json!(bad), &json!(1)));
    assert!(failure["reason"].as_str().is_some_and(|it| it.contains("dreaming")), "{failure}");

    // The replay of docs/how-to/operate.md, after the cause is fixed.
    let missed = json!({ "order_id": failure["order_id"], "after": failure["after"] });
    let replay = json!({ "replay": [missed] });
    batches.app.runner.invoke("relay", &replay).await.expect("an answer");
    let messages = live.until_pong().await;
    assert_eq!(received(&messages), [(bad.clone(), 2)]);
    assert_eq!(messages[0]["orders"][0]["driver"], "d1");
}

/// A description is shown to its author, and not to other people of the same customer.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_several_people_tells_each_their_own_words() {
    let mut batches = Batches::start().await;
    let id = batches.app.place_order().await;
    let mut listening = Vec::new();
    for name in ["ada", "bob"] {
        let mut person = people::customer("m1", "c1");
        person["id"] = json!(name);
        let client = batches.app.client(person).await;
        let issue =
            json!({ "type": "other", "severity": "low", "description": format!("{name} says") });
        client.operate(&id, "issues", &issue).await.expect(200);
        let mut live = batches.app.live(&client).await;
        live.subscribe("customer:m1:c1").await;
        listening.push((name, live));
    }
    batches.records.take_all(3).await;
    let replay = json!({ "replay": [{ "order_id": id }] });
    batches.app.runner.invoke("relay", &replay).await.expect("an answer");
    for (name, mut live) in listening {
        let messages = live.until_pong().await;
        assert_eq!(received(&messages).len(), 3);
        let text = json!(messages).to_string();
        for other in ["ada", "bob"] {
            assert_eq!(text.contains(&format!("{other} says")), other == name, "{name}: {text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_read_now_stops_no_other() {
    let mut batches = Batches::start().await;
    let mut live = batches.listener().await;
    let (good, bad) = (batches.app.place_order().await, batches.app.place_order().await);
    let records = batches.records.take_all(2).await;
    let dynamodb = batches.app.runner.dynamodb();
    let spoil = dynamodb.update_item().table_name(batches.app.runner.table("OrdersTable"));
    let spoil = spoil.key("order_id", aws_sdk_dynamodb::types::AttributeValue::S(bad.clone()));
    let spoil = spoil.update_expression("SET #status = :status");
    let spoil = spoil.expression_attribute_names("#status", "status").expression_attribute_values(
        ":status",
        aws_sdk_dynamodb::types::AttributeValue::S("dreaming".to_owned()),
    );
    spoil.send().await.expect("an update");
    assert_eq!(batches.relay(&records).await, None);
    assert_eq!(received(&live.until_pong().await), [(good, 1)]);
    let failures = batches.failures();
    assert_eq!((failures.len(), &failures[0]["record"]), (1, &records[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_queue_does_not_take_comes_again() {
    let mut batches = Batches::start().await;
    let mut live = batches.listener().await;
    for _ in 0..3 {
        batches.app.place_order().await;
    }
    let mut records = batches.records.take_all(3).await;
    poison(&mut records[1]);
    let refuse = || Fault::Refuse(emulator::dynamodb::Reply { status: 403, body: "{}".into() });
    batches.app.faults.inject(move |call| (call.operation() == "SendMessage").then(refuse));
    assert_eq!(batches.relay(&records).await, Some(1));
    assert_eq!(received(&live.until_pong().await).len(), 2, "the others go on");
    batches.app.faults.clear();
    assert_eq!(batches.relay(&records[1..]).await, None);
    assert_eq!(received(&live.until_pong().await).len(), 1, "and come again");
    assert_eq!(batches.failures().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cannot_be_reached_is_closed() {
    let mut batches = Batches::start().await;
    let faults = [
        Fault::limit_exceeded(),
        Fault::internal_server_error(),
        Fault::Unreachable,
        Fault::LoseResponse,
        Fault::Hang,
    ];
    for fault in faults {
        let (mut broken, mut well) = (batches.listener().await, batches.listener().await);
        let id = batches.app.place_order().await;
        let records = batches.records.take_all(1).await;
        let only: Arc<Mutex<Option<String>>> = Arc::default();
        let suffers = fault.clone();
        batches.app.faults.inject(move |call| {
            let connection = call.request["ConnectionId"].as_str()?.to_owned();
            let mut only = only.lock().expect("a lock");
            let first = only.get_or_insert_with(|| connection.clone());
            (call.operation() == "PostToConnection" && *first == connection)
                .then(|| suffers.clone())
        });
        let began = std::time::Instant::now();
        assert_eq!(batches.relay(&records).await, None);
        let took = began.elapsed();
        assert!(took < std::time::Duration::from_secs(3), "{fault:?} held the batch for {took:?}");
        batches.app.faults.clear();
        let (mut closed, mut notified) = (0, 0);
        for live in [&mut broken, &mut well] {
            match live.next_or_close().await {
                Ok(message) => {
                    assert_eq!(received(&[message]), [(id.clone(), 1)]);
                    notified += 1;
                    closed += usize::from(matches!(fault, Fault::LoseResponse) && notified == 2);
                }
                Err(_) => closed += 1,
            }
        }
        assert!(notified >= 1 && closed >= 1, "{fault:?}: {notified} told, {closed} closed");
        drop((broken, well));
    }
}

/// The quota of the account is used up for a while: not even a request that asks for a connection
/// is answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_throttled_account_delays_and_closes_nobody() {
    let mut batches = Batches::start().await;
    let mut listening = [batches.listener().await, batches.listener().await];
    let id = batches.app.place_order().await;
    let records = batches.records.take_all(1).await;
    let refused = AtomicUsize::new(0);
    batches.app.faults.inject(move |call| {
        let is_throttled =
            call.service() == Service::Connections && refused.fetch_add(1, Ordering::Relaxed) < 40;
        is_throttled.then(Fault::limit_exceeded)
    });
    assert_eq!(batches.relay(&records).await, None);
    for live in &mut listening {
        assert_eq!(received(&live.until_pong().await), [(id.clone(), 1)]);
    }
}

/// The time of an invocation is up before the quota is there again.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_posted_in_time_comes_again() {
    let time = Stopped::now();
    let app = App::start_with(|options| {
        options.streams = Streams::ByHand;
        options.clock = time.clock();
    });
    let app = app.await;
    let (ops, records) = (app.ops().await, Records::of(&app.runner).await);
    let mut batches = Batches { app, ops, records };
    let mut live = batches.listener().await;
    // Nobody listens to the first order, so it is done.
    batches.ops.create(&order("m2", "c1")).await.expect(201);
    let ids = [batches.app.place_order().await, batches.app.place_order().await];
    let records = batches.records.take_all(3).await;
    batches.app.faults.inject(move |call| {
        (call.service() == Service::Connections).then(|| {
            time.forward(10);
            Fault::limit_exceeded()
        })
    });
    assert_eq!(batches.relay(&records).await, Some(1));
    batches.app.faults.clear();
    assert_eq!(batches.relay(&records[1..]).await, None);
    let both = ids.map(|id| (id, 1));
    assert_eq!(received(&live.until_pong().await), both, "and the connection stayed open");
}
