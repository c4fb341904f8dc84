//! A stream with several shards.

use super::*;

/// Scripts a stream whose shard `old` was split into `new`: the embedded database has only one
/// shard, which never ends.
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
    let db = DynamoDb::responding(split_stream);
    let settings = settings("scripted".to_owned());
    fixture.mapping = EventSourceMapping::start(db, settings, Clock::system()).await.unwrap();
    assert!(matches!(fixture.poll(|_| Err("not yet")).await, Progress::Wait(_)));
    advance(Duration::from_secs(1)).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["first", "first", "second"]);
}

#[tokio::test(start_paused = true)]
async fn slices_deliver_each_item_in_one_of_them_and_in_order() {
    let (mut delivered, count) = (Vec::new(), 4);
    for index in 0..count {
        let mut fixture = fixture(|settings| settings.slice = Slice { index, of: count }).await;
        for n in 0..40 {
            fixture.write(&format!("item{}", n % 20)).await;
        }
        fixture.drain(succeed).await;
        let own = fixture.invocations().join(" ");
        let own: Vec<_> = own.split(' ').map(str::to_owned).collect();
        let (first, again) = own.split_at(own.len() / 2);
        assert_eq!(first, again, "in order");
        delivered.extend(first.to_vec());
    }
    delivered.sort();
    delivered.dedup();
    assert_eq!(delivered.len(), 20);
}
