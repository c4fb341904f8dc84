use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use shared::domain::time::Timestamp;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{advance, timeout};

use super::batch::Batch;
use super::*;
use crate::dynamodb::{Storage, create_table};

/// A mapping over a table of a database of its own, which its clock stamps.
struct Fixture {
    db: DynamoDb,
    mapping: EventSourceMapping,
    now: Arc<Mutex<Timestamp>>,
    /// The ids of the records of each invocation.
    invocations: RefCell<Vec<String>>,
    destination: RefCell<Vec<Value>>,
}

async fn fixture(change: impl FnOnce(&mut Settings)) -> Fixture {
    let now = Arc::new(Mutex::new(Timestamp::parse("2026-11-21T09:30:00Z").unwrap()));
    let told = now.clone();
    let clock = Clock::new(move || *told.lock().unwrap());
    let db = DynamoDb::open(&Storage::Memory, &clock).unwrap();
    let stream_arn = create_table(&db, "orders", &properties()).await.unwrap().stream_arn.unwrap();
    put(&db, "before").await;
    let mut settings = settings(stream_arn);
    change(&mut settings);
    let mapping = EventSourceMapping::start(db.clone(), settings, clock).await.unwrap();
    Fixture { db, mapping, now, invocations: RefCell::default(), destination: RefCell::default() }
}

fn properties() -> Value {
    json!({
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
    })
}

fn settings(stream_arn: String) -> Settings {
    Settings {
        stream_arn,
        event_source_arn: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1"
            .to_owned(),
        region: "eu-west-1".to_owned(),
        function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:relay".to_owned(),
        starting_position: StartingPosition::Latest,
        batch_size: 100,
        bisect_batch_on_function_error: true,
        maximum_retry_attempts: Some(2),
        maximum_record_age: Some(Duration::from_hours(1)),
        report_batch_item_failures: true,
    }
}

async fn put(db: &DynamoDb, id: &str) {
    let request = json!({ "TableName": "orders", "Item": { "id": { "S": id } } });
    db.request("PutItem", &request).await.unwrap();
}

fn id(record: &Value) -> &str {
    record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap()
}

/// The ids of an event's records, `a b c`.
fn ids(event: &Value) -> String {
    event["Records"].as_array().unwrap().iter().map(id).collect::<Vec<_>>().join(" ")
}

/// A partial batch response that names the records with these ids.
fn failing(event: &Value, failed: &[&str]) -> Value {
    let failures: Vec<Value> = event["Records"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|record| failed.contains(&id(record)))
        .map(|record| json!({ "itemIdentifier": record["dynamodb"]["SequenceNumber"] }))
        .collect();
    json!({ "batchItemFailures": failures })
}

impl Fixture {
    async fn write(&self, ids: &str) {
        for id in ids.split(' ') {
            put(&self.db, id).await;
        }
    }

    async fn poll(&mut self, function: impl Fn(&Value) -> Result<Value, &'static str>) -> Step {
        let invoke = async |event: Value| {
            self.invocations.borrow_mut().push(ids(&event));
            function(&event)
        };
        let on_failure = |record| self.destination.borrow_mut().push(record);
        self.mapping.poll(&|event| invoke(event), &on_failure).await.unwrap()
    }

    /// Polls, and lets the time pass that a retry waits, until all is done.
    async fn drain(&mut self, function: impl Fn(&Value) -> Result<Value, &'static str>) {
        loop {
            match self.poll(&function).await {
                Step::Idle => return,
                Step::Progressed => {}
                Step::RetryIn(wait) => advance(wait).await,
            }
        }
    }

    fn invocations(&self) -> Vec<String> {
        self.invocations.take()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where a function that can fail does")]
fn succeed(_: &Value) -> Result<Value, &'static str> {
    Ok(Value::Null)
}

#[tokio::test]
async fn records_come_as_lambda_sends_them() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a").await;
    let changed = json!({ "id": { "S": "a" }, "bytes": { "B": "AAE=" } });
    let put = json!({ "TableName": "orders", "Item": changed });
    fixture.db.request("PutItem", &put).await.unwrap();
    let key = json!({ "TableName": "orders", "Key": { "id": { "S": "a" } } });
    fixture.db.request("DeleteItem", &key).await.unwrap();
    let event = RefCell::new(Value::Null);
    fixture
        .poll(|sent| {
            event.replace(sent.clone());
            succeed(sent)
        })
        .await;

    let event = event.take();
    let names: Vec<&Value> =
        event["Records"].as_array().unwrap().iter().map(|record| &record["eventName"]).collect();
    assert_eq!(names, ["INSERT", "MODIFY", "REMOVE"]);
    let record = &event["Records"][1];
    let stream_record = &record["dynamodb"];
    assert!(stream_record["SequenceNumber"].as_str().unwrap().len() >= 21);
    assert_eq!(
        *record,
        json!({
            "eventID": record["eventID"].as_str().unwrap(),
            "eventName": "MODIFY",
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-west-1",
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_253_400,
                "Keys": { "id": { "S": "a" } },
                "NewImage": changed,
                "OldImage": { "id": { "S": "a" } },
                "SequenceNumber": stream_record["SequenceNumber"].as_str().unwrap(),
                "SizeBytes": stream_record["SizeBytes"].as_u64().unwrap(),
                "StreamViewType": "NEW_AND_OLD_IMAGES",
            },
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1",
        })
    );
}

#[tokio::test]
async fn batches_come_in_order_from_where_the_mapping_started() {
    let mut latest = fixture(|settings| settings.batch_size = 2).await;
    latest.write("a b c").await;
    assert_eq!(latest.poll(succeed).await, Step::Progressed);
    latest.drain(succeed).await;
    assert_eq!(latest.invocations(), ["a b", "c"]);

    let mut oldest =
        fixture(|settings| settings.starting_position = StartingPosition::TrimHorizon).await;
    oldest.write("a").await;
    oldest.drain(succeed).await;
    assert_eq!(oldest.invocations(), ["before a"]);
}

#[tokio::test(start_paused = true)]
async fn a_partial_failure_is_retried_from_the_lowest_record() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b c d").await;
    let Step::RetryIn(wait) = fixture.poll(|event| Ok(failing(event, &["d", "b"]))).await else {
        panic!("no retry");
    };
    fixture.write("e").await;
    assert!(matches!(fixture.poll(succeed).await, Step::RetryIn(_)), "before its time");
    advance(wait).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a b c d", "b c d", "e"]);
    assert!(fixture.destination.take().is_empty());
}

#[tokio::test]
async fn without_report_batch_item_failures_an_answer_is_success() {
    let mut fixture = fixture(|settings| settings.report_batch_item_failures = false).await;
    fixture.write("a b").await;
    fixture.drain(|event| Ok(failing(event, &["a"]))).await;
    assert_eq!(fixture.invocations(), ["a b"]);
}

#[tokio::test(start_paused = true)]
async fn bisecting_isolates_a_poison_record_and_goes_on() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b poison c").await;
    fixture
        .drain(|event| if ids(event).contains("poison") { Err("poisoned") } else { succeed(event) })
        .await;
    // Two cuts, which count as no retry, then the poison and its two retries.
    let expected = ["a b poison c", "a b", "poison c", "poison", "poison", "poison", "c"];
    assert_eq!(fixture.invocations(), expected);

    let destination = fixture.destination.take();
    assert_eq!(destination.len(), 1);
    let (context, batch) =
        (&destination[0]["requestContext"], &destination[0]["DDBStreamBatchInfo"]);
    assert_eq!(context["condition"], "RetryAttemptsExhausted");
    assert_eq!(context["approximateInvokeCount"], 3);
    assert_eq!(batch["batchSize"], 1);
    assert_eq!(batch["startSequenceNumber"], batch["endSequenceNumber"]);
    assert_eq!(batch["approximateArrivalOfFirstRecord"], "2026-11-21T09:30:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn without_bisecting_the_whole_batch_is_retried_and_given_up() {
    let mut fixture = fixture(|settings| settings.bisect_batch_on_function_error = false).await;
    fixture.write("a b").await;
    let mut waits = Vec::new();
    while let Step::RetryIn(wait) = fixture.poll(|_| Err("down")).await {
        waits.push(wait.as_millis());
        advance(wait).await;
    }
    assert!((50..=100).contains(&waits[0]) && (100..=200).contains(&waits[1]), "{waits:?}");
    fixture.write("c").await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a b", "a b", "a b", "c"]);
    assert_eq!(fixture.destination.take()[0]["DDBStreamBatchInfo"]["batchSize"], 2);
}

#[test]
fn responses_mean_what_lambda_documents() {
    let record = |number: &str| json!({ "dynamodb": { "SequenceNumber": number } });
    let records = ["10", "20", "30"].map(record).to_vec();
    let batch = Batch::new(records, &settings(String::new())).unwrap();
    let failures = |identifiers: &[Value]| {
        let item = |id: &Value| json!({ "itemIdentifier": id });
        json!({ "batchItemFailures": identifiers.iter().map(item).collect::<Vec<_>>() })
    };
    for (response, outcome) in [
        (json!(null), Outcome::Succeeded),
        (json!(""), Outcome::Succeeded),
        (json!({}), Outcome::Succeeded),
        (json!({ "batchItemFailures": null }), Outcome::Succeeded),
        (failures(&[]), Outcome::Succeeded),
        (failures(&[json!("30"), json!("20")]), Outcome::FailedFrom(1)),
        (failures(&[json!("10")]), Outcome::FailedFrom(0)),
        (failures(&[json!("20"), json!("40")]), Outcome::Failed),
        (failures(&[json!("")]), Outcome::Failed),
        (failures(&[json!(null)]), Outcome::Failed),
        (failures(&[json!(20)]), Outcome::Failed),
        (json!({ "batchItemFailures": [{ "id": "20" }] }), Outcome::Failed),
        (json!({ "batchItemFailures": "20" }), Outcome::Failed),
        (json!("fine"), Outcome::Failed),
        (json!([]), Outcome::Failed),
    ] {
        assert_eq!(Outcome::read(&response, &batch), outcome, "{response}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_names_no_record_of_the_batch_fails_all_of_it() {
    let mut fixture = fixture(|settings| settings.maximum_retry_attempts = Some(0)).await;
    fixture.write("a").await;
    fixture.drain(|_| Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "1" }] }))).await;
    assert_eq!(fixture.invocations(), ["a"]);
    assert_eq!(fixture.destination.take().len(), 1);
}

#[tokio::test]
async fn records_past_the_maximum_age_are_given_up_without_an_invocation() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b").await;
    {
        let mut now = fixture.now.lock().unwrap();
        *now = now.plus_seconds(3601);
    }
    fixture.write("c").await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["c"]);
    let destination = fixture.destination.take();
    assert_eq!(destination[0]["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(destination[0]["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(destination[0]["responseContext"], Value::Null);
    assert_eq!(destination[0]["DDBStreamBatchInfo"]["batchSize"], 2);
}

#[tokio::test]
async fn a_poll_that_is_dropped_invokes_with_the_batch_again() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a").await;
    let (invoked, mut was_invoked) = mpsc::unbounded_channel();
    let never_ends = |event: Value| {
        invoked.send(ids(&event)).unwrap();
        std::future::pending::<Result<Value, String>>()
    };
    tokio::select! {
        step = fixture.mapping.poll(&never_ends, &|_| ()) => panic!("{step:?}"),
        ids = was_invoked.recv() => assert_eq!(ids.unwrap(), "a"),
    }
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a"]);
}

#[tokio::test]
async fn running_is_woken_by_a_commit_and_ends_at_shutdown() {
    let Fixture { db, mapping, .. } = fixture(|_| {}).await;
    let (invoked, mut was_invoked) = mpsc::unbounded_channel();
    let invoke = move |event: Value| {
        invoked.send(ids(&event)).unwrap();
        std::future::ready(Ok::<_, String>(Value::Null))
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let running = tokio::spawn(mapping.run(invoke, |_| (), async { stopped.await.unwrap() }));
    for id in ["a", "b"] {
        put(&db, id).await;
        let seen = timeout(Duration::from_secs(10), was_invoked.recv()).await;
        assert_eq!(seen.unwrap().as_deref(), Some(id));
    }
    stop.send(()).unwrap();
    timeout(Duration::from_secs(10), running).await.unwrap().unwrap();
}

/// The embedded database has one shard that never ends, so this is a script of
/// a stream whose shard was split: `old`, and then `new`.
fn split_stream(target: &str, body: &[u8]) -> Value {
    let request: Value = serde_json::from_slice(body).unwrap();
    let record = |id: &str| {
        json!({ "dynamodb": {
            "ApproximateCreationDateTime": 4_000_000_000_u32,
            "Keys": { "id": { "S": id } },
        } })
    };
    match (target, &request["ShardId"], &request["ShardIterator"]) {
        ("DynamoDBStreams_20120810.DescribeStream", ..) => {
            match &request["ExclusiveStartShardId"] {
                Value::Null => json!({ "StreamDescription": {
                "Shards": [{ "ShardId": "new", "ParentShardId": "old" }],
                "LastEvaluatedShardId": "new",
            } }),
                _ => json!({ "StreamDescription": { "Shards": [{ "ShardId": "old" }] } }),
            }
        }
        ("DynamoDBStreams_20120810.GetShardIterator", shard, _) => {
            json!({ "ShardIterator": shard })
        }
        (_, _, iterator) if iterator == "old" => json!({ "Records": [record("first")] }),
        (_, _, iterator) if iterator == "new" => {
            json!({ "Records": [record("second")], "NextShardIterator": "end" })
        }
        _ => json!({ "Records": [], "NextShardIterator": "end" }),
    }
}

#[tokio::test(start_paused = true)]
async fn a_shard_is_read_after_the_one_it_was_split_from() {
    let mut fixture = fixture(|_| {}).await;
    let db = DynamoDb::answering(split_stream);
    let settings = settings("scripted".to_owned());
    fixture.mapping = EventSourceMapping::start(db, settings, Clock::system()).await.unwrap();
    assert!(matches!(fixture.poll(|_| Err("not yet")).await, Step::RetryIn(_)));
    advance(Duration::from_secs(1)).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["first", "first", "second"]);
}
