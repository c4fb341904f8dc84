use clock::Timestamp;
use serde_json::json;

use super::*;

fn memory() -> DynamoDb {
    DynamoDb::open(&Storage::Memory, &Clock::system()).unwrap()
}

fn properties() -> Value {
    json!({
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": { "StreamViewType": "NEW_AND_OLD_IMAGES" },
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [
            { "AttributeName": "id", "AttributeType": "S" },
            { "AttributeName": "open", "AttributeType": "S" },
        ],
        "GlobalSecondaryIndexes": [{
            "IndexName": "open",
            "KeySchema": [{ "AttributeName": "open", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        }],
        "TimeToLiveSpecification": { "AttributeName": "expires_at", "Enabled": true },
        "PointInTimeRecoverySpecification": { "PointInTimeRecoveryEnabled": true },
    })
}

async fn put(db: &DynamoDb, id: &str) {
    let request = json!({ "TableName": "things", "Item": { "id": { "S": id } } });
    db.request("PutItem", &request).await.unwrap();
}

async fn count(db: &DynamoDb) -> Value {
    db.request("Scan", &json!({ "TableName": "things" })).await.unwrap()["Count"].take()
}

/// Returns the items of the index.
async fn open_things(db: &DynamoDb) -> Value {
    let query = json!({
        "TableName": "things",
        "IndexName": "open",
        "KeyConditionExpression": "#open = :open",
        "ExpressionAttributeNames": { "#open": "open" },
        "ExpressionAttributeValues": { ":open": { "S": "0" } },
    });
    db.request("Query", &query).await.unwrap()["Items"].take()
}

/// Returns the number of records in the table's stream.
async fn records(db: &DynamoDb, table: &Table) -> usize {
    let stream_arn = &table.stream_arn;
    let stream = db.request("DescribeStream", &json!({ "StreamArn": stream_arn })).await.unwrap();
    let iterator = json!({
        "StreamArn": stream_arn,
        "ShardId": stream["StreamDescription"]["Shards"][0]["ShardId"],
        "ShardIteratorType": "TRIM_HORIZON",
    });
    let iterator = db.request("GetShardIterator", &iterator).await.unwrap();
    let records = db.request("GetRecords", &iterator).await.unwrap();
    records["Records"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_is_imported_is_in_the_indexes_and_not_in_the_stream() {
    let db = memory();
    let table = create_table(&db, "things", &properties()).await.unwrap();
    let item = json!({ "id": { "S": "a" }, "open": { "S": "0" } });
    let raw = RawValue::from_string(item.to_string()).unwrap();
    db.import("things", &[raw]).await.unwrap();
    assert_eq!(open_things(&db).await, json!([item]));
    assert_eq!(records(&db, &table).await, 0);
    put(&db, "b").await;
    assert_eq!(records(&db, &table).await, 1);
}

#[tokio::test]
async fn the_loser_of_a_transaction_is_shown_the_item() {
    let db = memory();
    create_table(&db, "things", &properties()).await.unwrap();
    put(&db, "a").await;
    let put = |id: &str| {
        json!({ "Put": {
            "TableName": "things",
            "Item": { "id": { "S": id } },
            "ConditionExpression": "attribute_not_exists(id)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        } })
    };
    let request = json!({ "TransactItems": [put("b"), put("a")] }).to_string();
    let reply = db.call("DynamoDB_20120810.TransactWriteItems", request.into()).await;
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(body["__type"], "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
    assert_eq!(body["CancellationReasons"][0]["Code"], "None");
    assert_eq!(body["CancellationReasons"][1]["Code"], "ConditionalCheckFailed");
    assert_eq!(body["CancellationReasons"][1]["Item"], json!({ "id": { "S": "a" } }));
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn errors_have_dynamodbs_shape() {
    let db = memory();
    for (target, body, kind) in [
        ("DynamoDB_20120810.DropTable", "{}", "UnknownOperationException"),
        ("DynamoDB_20120810.GetRecords", "{}", "UnknownOperationException"),
        ("nonsense", "{}", "UnknownOperationException"),
        ("DynamoDB_20120810.PutItem", "no json", "SerializationException"),
        ("DynamoDB_20120810.DescribeTable", r#"{"TableName":"none"}"#, "ResourceNotFoundException"),
        (
            "DynamoDB_20120810.PutItem",
            r#"{"TableName":"things","Item":{"id":{"N":"one"}}}"#,
            "ValidationException",
        ),
    ] {
        let reply = db.call(target, Bytes::from_static(body.as_bytes())).await;
        assert_eq!(reply.status, 400, "{target}");
        assert_eq!(reply.into_result(target).unwrap_err().kind, kind, "{target}");
    }
}

#[tokio::test]
async fn a_file_keeps_its_data_and_admits_one_runner() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::File(folder.path().join("deep/er/waybill.db"));
    let db = DynamoDb::open(&storage, &Clock::system()).unwrap();
    create_table(&db, "things", &properties()).await.unwrap();
    put(&db, "a").await;

    let second = DynamoDb::open(&storage, &Clock::system()).unwrap_err();
    assert!(matches!(second, OpenError::InUse(_)), "{second}");

    drop(db);
    let db = DynamoDb::open(&storage, &Clock::system()).unwrap();
    assert_eq!(count(&db).await, 1);
}

#[tokio::test]
async fn a_file_forgets_stream_records_after_a_day() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::File(folder.path().join("waybill.db"));
    let stream_after = async |hours: i64| {
        let now = Clock::system().now().plus_seconds(hours * 3600);
        let db = DynamoDb::open(&storage, &Clock::new(move || now)).unwrap();
        let table = create_table(&db, "things", &properties()).await.unwrap();
        put(&db, "a").await;
        records(&db, &table).await
    };
    assert_eq!(stream_after(0).await, 1);
    assert_eq!(stream_after(23).await, 2);
    assert_eq!(stream_after(25).await, 1);
}

#[tokio::test]
async fn a_table_is_made_once() {
    let db = memory();
    let made = create_table(&db, "things", &properties()).await.unwrap();
    assert!(made.stream_arn.is_some());
    assert_eq!(create_table(&db, "things", &properties()).await.unwrap(), made);

    let ttl = db.request("DescribeTimeToLive", &json!({ "TableName": "things" })).await.unwrap();
    assert_eq!(ttl["TimeToLiveDescription"]["AttributeName"], "expires_at");
}

#[tokio::test]
async fn another_table_of_that_name_is_refused_with_the_difference() {
    let db = memory();
    create_table(&db, "things", &properties()).await.unwrap();
    let mut other = properties();
    other["StreamSpecification"]["StreamViewType"] = json!("NEW_IMAGE");
    other["GlobalSecondaryIndexes"][0]["Projection"]["ProjectionType"] = json!("ALL");
    let message = create_table(&db, "things", &other).await.unwrap_err().to_string();
    for part in ["stream NEW_IMAGE", "stream NEW_AND_OLD_IMAGES", "open HASH KEYS_ONLY", "Remove"] {
        assert!(message.contains(part), "{message}");
    }
}

#[tokio::test]
async fn a_table_gets_the_indexes_that_it_lacks_with_its_items() {
    let db = memory();
    let mut before = properties();
    before.as_object_mut().unwrap().remove("GlobalSecondaryIndexes");
    before["AttributeDefinitions"] = json!([{ "AttributeName": "id", "AttributeType": "S" }]);
    let made = create_table(&db, "things", &before).await.unwrap();
    let item = json!({ "id": { "S": "a" }, "open": { "S": "0" } });
    let put = json!({ "TableName": "things", "Item": item });
    db.request("PutItem", &put).await.unwrap();
    assert_eq!(create_table(&db, "things", &properties()).await.unwrap(), made);
    assert_eq!(open_things(&db).await, json!([item]));
}

#[tokio::test]
async fn a_misspelt_property_is_refused() {
    let properties = json!({ "StreamSpecifcation": {} });
    let error = create_table(&memory(), "things", &properties).await.unwrap_err();
    assert!(matches!(error, TableError::UnknownProperty { .. }), "{error}");
}

#[tokio::test]
async fn writes_wake_whoever_watches_commits() {
    let db = memory();
    create_table(&db, "things", &properties()).await.unwrap();
    let mut commits = db.commits();
    count(&db).await;
    assert!(!commits.has_changed().unwrap());
    put(&db, "a").await;
    assert!(commits.has_changed().unwrap());
    commits.mark_unchanged();
    db.request("PutItem", &json!({ "TableName": "things", "Item": {} })).await.unwrap_err();
    assert!(!commits.has_changed().unwrap());
}

#[tokio::test]
async fn memory_is_stamped_by_the_given_clock() {
    let now = Timestamp::parse("2031-01-01T00:00:00Z").unwrap();
    let db = DynamoDb::open(&Storage::Memory, &Clock::new(move || now)).unwrap();
    let stream = create_table(&db, "things", &properties()).await.unwrap().stream_arn.unwrap();
    assert!(stream.contains(&now.epoch_seconds().to_string()), "{stream}");
}

#[tokio::test]
async fn an_endpoint_that_cannot_be_reached_is_an_internal_error() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let storage = Storage::Endpoint(format!("http://{unused}"));
    let db = DynamoDb::open(&storage, &Clock::system()).unwrap();
    let error = db.request("DescribeTable", &json!({})).await.unwrap_err();
    assert_eq!(error.kind, "InternalServerError");
    assert!(error.message.contains(&unused.to_string()), "{error}");
}

#[test]
fn an_endpoint_is_an_http_address() {
    for url in ["https://dynamodb.eu-west-1.amazonaws.com", "localhost:8000", "/data", ""] {
        let error = DynamoDb::open(&Storage::Endpoint(url.to_owned()), &Clock::system());
        assert!(matches!(error, Err(OpenError::Endpoint(_))), "{url}");
    }
}
