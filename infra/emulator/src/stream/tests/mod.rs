//! A mapping of a table in its own database, polled step by step.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use clock::Timestamp;
use tokio::time::advance;

use super::*;
use crate::dynamodb::{Storage, create_table};

mod failures;
mod filters;
mod order;
mod responses;
mod running;
mod shards;

/// A mapping of a table in its own database; both use the same clock, which is set to `now`.
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
    let source = now.clone();
    let clock = Clock::new(move || *source.lock().unwrap());
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
        slice: Slice::WHOLE,
        stream_arn,
        event_source_arn: "arn:aws:dynamodb:eu-west-1:123456789012:table/orders/stream/1"
            .to_owned(),
        region: "eu-west-1".to_owned(),
        function_arn: "arn:aws:lambda:eu-west-1:123456789012:function:relay".to_owned(),
        starting_position: StartingPosition::Latest,
        batch_size: 100,
        filters: Vec::new(),
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

/// Returns the ids of an event's records, as `a b c`.
fn ids(event: &Value) -> String {
    event["Records"].as_array().unwrap().iter().map(id).collect::<Vec<_>>().join(" ")
}

/// Returns a partial batch response that names the records with these ids.
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

const THROTTLED: &str = "throttled";

impl InvokeError for &str {
    fn is_throttled(&self) -> bool {
        *self == THROTTLED
    }
}

impl Fixture {
    async fn write(&self, ids: &str) {
        for id in ids.split(' ') {
            put(&self.db, id).await;
        }
    }

    async fn poll(&mut self, function: impl Fn(&Value) -> Result<Value, &'static str>) -> Progress {
        let invoke = async |event: Value| {
            self.invocations.borrow_mut().push(ids(&event));
            function(&event)
        };
        let on_failure = |record| self.destination.borrow_mut().push(record);
        self.mapping.poll(&|event| invoke(event), &on_failure).await.unwrap()
    }

    /// Polls until there is nothing left to do, and advances the clock to each retry.
    async fn drain(&mut self, function: impl Fn(&Value) -> Result<Value, &'static str>) {
        loop {
            match self.poll(&function).await {
                Progress::Idle => return,
                Progress::Progressed => {}
                Progress::Wait(wait) => advance(wait).await,
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
