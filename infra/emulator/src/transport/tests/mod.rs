use std::sync::Mutex;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use clock::Clock;
use serde_json::json;

use super::*;
use crate::dynamodb::{ACCESS_KEY_ID, REGION, Storage, create_table};
use crate::meter::Units;
use crate::template::{self, Statement};

const FUNCTION: &str = "create-order";

const QUEUE_URL: &str = "https://sqs.local.amazonaws.com/000000000000/test-Failures";

struct Fixture {
    faults: Faults,
    meter: Meter,
    queues: Queues,
    /// The requests to `@connections` that were executed.
    managed: Arc<Mutex<Vec<String>>>,
    transport: Transport,
}

async fn fixture() -> Fixture {
    let db = DynamoDb::open(&Storage::Memory, &Clock::system()).unwrap();
    let properties = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
    });
    create_table(&db, "things", &properties).await.unwrap();
    let (faults, meter) = (Faults::default(), Meter::default());
    let managed = Arc::<Mutex<Vec<String>>>::default();
    let seen = managed.clone();
    let connections: Connections = Arc::new(move |request| {
        seen.lock().unwrap().push(format!("{} {}", request.method(), request.uri()));
        Box::pin(async { http::Response::new(Bytes::new()) })
    });
    let queue = template::Queue {
        name: "test-Failures".to_owned(),
        arn: "arn:aws:sqs:local:000000000000:test-Failures".to_owned(),
        url: QUEUE_URL.to_owned(),
        visibility_timeout: 30,
        redrive_policy: None,
        has_consumer: false,
    };
    let queues = Queues::new(&[("Failures".to_owned(), queue)].into(), None, &Clock::system());
    let queues = queues.unwrap();
    let services = Services { db, queues: queues.clone(), connections };
    let iam = Iam::new([&function()]);
    let transport =
        Transport::new(services, faults.clone(), Attempts::default(), iam, meter.clone());
    Fixture { faults, meter, queues, managed, transport }
}

/// Returns a function that may access items, send to the queue and post to connections.
fn function() -> template::Function {
    let allow = |actions: &[&str], resource: &str| Statement {
        sid: "Test".to_owned(),
        actions: actions.iter().copied().map(str::to_owned).collect(),
        resources: vec![format!("arn:aws:{resource}")],
    };
    let policy = vec![
        allow(
            &["dynamodb:PutItem", "dynamodb:GetItem"],
            "dynamodb:local:000000000000:table/things",
        ),
        allow(
            &["execute-api:ManageConnections"],
            "execute-api:local:000000000000:live/stage/POST/@connections/*",
        ),
        allow(&["sqs:SendMessage"], "sqs:local:000000000000:test-Failures"),
    ];
    template::Function { binary: FUNCTION.to_owned(), ..template::Function::for_test(policy) }
}

/// Returns the SDK's client of a function, without retries.
fn client(fixture: &Fixture) -> Client {
    client_of(fixture, FUNCTION)
}

fn client_of(fixture: &Fixture, function: &str) -> Client {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(Credentials::new(ACCESS_KEY_ID, "local", None, None, "runner"))
        .region(Region::new(REGION))
        .http_client(fixture.transport.client_for(function))
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn put(id: &str) -> TransactWriteItem {
    let put = Put::builder().table_name("things").item("id", AttributeValue::S(id.to_owned()));
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

async fn is_stored(client: &Client, id: &str) -> bool {
    let key = AttributeValue::S(id.to_owned());
    client.get_item().table_name("things").key("id", key).send().await.unwrap().item.is_some()
}

#[tokio::test]
async fn the_sdk_talks_to_the_database() {
    let fixture = fixture().await;
    let client = client(&fixture);
    client.transact_write_items().transact_items(put("a")).send().await.unwrap();
    assert!(is_stored(&client, "a").await);
    assert!(!is_stored(&client, "b").await);
}

#[tokio::test]
async fn a_conflict_reaches_the_sdk_as_one_and_does_nothing() {
    let fixture = fixture().await;
    let client = client(&fixture);
    fixture.faults.inject(|call| {
        assert_eq!(call.function, FUNCTION);
        (call.operation() == "TransactWriteItems").then(|| Fault::transaction_conflict(call))
    });
    let items = client.transact_write_items().transact_items(put("a")).transact_items(put("b"));
    let error = items.clone().send().await.unwrap_err().into_service_error();
    let codes: Vec<_> = match &error {
        TransactWriteItemsError::TransactionCanceledException(canceled) => canceled
            .cancellation_reasons()
            .iter()
            .map(|reason| reason.code().unwrap_or_default())
            .collect(),
        other => panic!("{other:?}"),
    };
    assert_eq!(codes, ["TransactionConflict", "None"]);
    assert!(!is_stored(&client, "a").await);

    fixture.faults.clear();
    items.send().await.unwrap();
    assert!(is_stored(&client, "a").await);
}

#[tokio::test]
async fn a_conflict_of_a_single_write_reaches_the_sdk_by_its_own_name() {
    let fixture = fixture().await;
    let client = client(&fixture);
    fixture.faults.inject(|call| Some(Fault::transaction_conflict(call)));
    let put = client.put_item().table_name("things").item("id", AttributeValue::S("a".into()));
    let error = put.send().await.unwrap_err().into_service_error();
    assert!(matches!(error, PutItemError::TransactionConflictException(_)), "{error:?}");
    fixture.faults.clear();
    assert!(!is_stored(&client, "a").await);
}

#[tokio::test]
async fn a_lost_response_is_executed_and_an_unreachable_database_is_not() {
    let fixture = fixture().await;
    let client = client(&fixture);
    for (id, fault, stored) in [("a", Fault::LoseResponse, true), ("b", Fault::Unreachable, false)]
    {
        fixture.faults.inject(move |_| Some(fault.clone()));
        let sent = client.transact_write_items().transact_items(put(id)).send().await;
        assert!(matches!(sent, Err(SdkError::DispatchFailure(_))), "{sent:?}");
        fixture.faults.clear();
        assert_eq!(is_stored(&client, id).await, stored, "{id}");
    }
}

#[tokio::test]
async fn refusals_reach_the_sdk_by_name() {
    let fixture = fixture().await;
    let client = client(&fixture);
    for (fault, code) in [
        (Fault::throttled(), "ThrottlingException"),
        (Fault::internal_server_error(), "InternalServerError"),
    ] {
        fixture.faults.inject(move |_| Some(fault.clone()));
        let error = client.get_item().table_name("things").key("id", AttributeValue::S("a".into()));
        let error = error.send().await.unwrap_err();
        assert_eq!(error.code(), Some(code));
    }
}

#[tokio::test]
async fn what_a_policy_does_not_allow_is_denied_and_not_done() {
    let fixture = fixture().await;
    let key = AttributeValue::S("a".to_owned());
    let delete = client(&fixture).delete_item().table_name("things").key("id", key.clone());
    let error = delete.send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    let message = error.message().unwrap();
    assert!(message.contains("perform: dynamodb:DeleteItem on resource: arn:aws:dynamodb:local:000000000000:table/things"), "{message}");

    let nobody = client_of(&fixture, "nobody").put_item().table_name("things").item("id", key);
    assert_eq!(nobody.send().await.unwrap_err().code(), Some("AccessDeniedException"));
    assert!(!is_stored(&client(&fixture), "a").await);
}

#[tokio::test]
async fn what_is_done_is_counted_and_what_is_denied_is_not() {
    let fixture = fixture().await;
    let client = client(&fixture);
    client.transact_write_items().transact_items(put("a")).send().await.unwrap();
    is_stored(&client, "a").await;
    client.list_tables().send().await.unwrap_err();
    let usage = fixture.meter.take();
    // A transactional write costs two units; an eventually consistent read costs half a unit.
    assert_eq!(usage.units_of(FUNCTION), Units { writes: 2.0, reads: 0.5 });
    assert_eq!(usage.writes_of(FUNCTION), 1);
    assert_eq!(usage.requests.values().sum::<u64>(), 2);
    assert!(fixture.meter.take().requests.is_empty());
}

mod connections;
mod egress;
mod queues;
