//! The format of records, and their batches.

use super::*;

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
    assert_eq!(latest.poll(succeed).await, Progress::Progressed);
    latest.drain(succeed).await;
    assert_eq!(latest.invocations(), ["a b", "c"]);

    let mut oldest =
        fixture(|settings| settings.starting_position = StartingPosition::TrimHorizon).await;
    oldest.write("a").await;
    oldest.drain(succeed).await;
    assert_eq!(oldest.invocations(), ["before a"]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_of_one_order_is_overtaken_by_no_later_change() {
    let mut fixture = fixture(|settings| settings.batch_size = 2).await;
    fixture.write("a b a c a").await;
    let seen = RefCell::new(Vec::new());
    let failures = RefCell::new(2);
    fixture
        .drain(|event| {
            if ids(event).contains('b') && failures.replace_with(|left| *left - 1) > 0 {
                return Ok(failing(event, &["b"]));
            }
            let numbers = event["Records"].as_array().unwrap().iter();
            seen.borrow_mut().extend(numbers.map(|it| it["dynamodb"]["SequenceNumber"].clone()));
            succeed(event)
        })
        .await;
    // A batch consists of records that were read together; a retried batch does not grow.
    assert_eq!(fixture.invocations(), ["a b", "b", "b", "a c", "a"]);
    let numbers: Vec<u128> =
        seen.take().iter().map(|it| it.as_str().unwrap().parse().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
}
