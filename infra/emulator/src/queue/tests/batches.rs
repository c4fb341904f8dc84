//! `SendMessageBatch`, delays and message groups.

use super::*;

fn send_batch(queues: &Queues, entries: &[Value]) -> (u16, Value) {
    let request = json!({ "QueueUrl": URL, "Entries": entries });
    let reply = queues.respond(&call("SendMessageBatch", &request));
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn entry(id: &str, body: &str) -> Value {
    json!({ "Id": id, "MessageBody": body })
}

#[test]
fn each_entry_of_a_batch_succeeds_or_fails_alone() {
    let queues = queues(None);
    let mut late = entry("late", "x");
    late["DelaySeconds"] = json!(901);
    let mut grouped = entry("b", "second");
    grouped["MessageGroupId"] = json!("tenant-1");
    let entries = [entry("a", "first"), entry("bad", "\u{0}"), late, entry("no", ""), grouped];
    let (status, response) = send_batch(&queues, &entries);
    assert_eq!(status, 200);
    let messages = queues.get("Failures").unwrap().messages();
    let successful = [("a", &messages[0]), ("b", &messages[1])].map(|(id, message)| {
        json!({ "MessageId": message.id, "MD5OfMessageBody": message.md5_of_body, "Id": id })
    });
    assert_eq!(response["Successful"], json!(successful));
    assert_eq!(messages[0].md5_of_body, "8b04d5e3775d298e78455efc5ca404d5");
    let failed = response["Failed"].as_array().unwrap();
    let failed: Vec<_> = failed.iter().map(|it| [&it["Id"], &it["Code"]]).collect();
    let invalid = json!("InvalidParameterValueException");
    assert_eq!(
        failed,
        [
            [&json!("bad"), &json!("InvalidMessageContents")],
            [&json!("late"), &invalid],
            [&json!("no"), &invalid],
        ]
    );
    assert_eq!(bodies(&queues), ["first", "second"]);
    assert_eq!(messages[1].attributes.message_group_id.as_deref(), Some("tenant-1"));
}

#[test]
fn a_batch_that_is_no_batch_is_refused_as_a_whole() {
    let queues = queues(None);
    let half = "x".repeat(512 * 1024);
    let eleven: Vec<_> = (0..11).map(|id| entry(&id.to_string(), "x")).collect();
    for (entries, code) in [
        (Vec::new(), "EmptyBatchRequest"),
        (eleven, "TooManyEntriesInBatchRequest"),
        (vec![entry("a", "x"), entry("b", "y"), entry("a", "z")], "BatchEntryIdsNotDistinct"),
        (vec![entry("a b", "x")], "InvalidBatchEntryId"),
        (vec![entry(&"a".repeat(81), "x")], "InvalidBatchEntryId"),
        (vec![entry("a", &half), entry("b", &half), entry("c", "x")], "BatchRequestTooLong"),
    ] {
        let (status, response) = send_batch(&queues, &entries);
        let kind = format!("com.amazonaws.sqs#{code}");
        assert_eq!((status, &response["__type"]), (400, &json!(kind)));
    }
    assert_eq!(bodies(&queues), [""; 0]);
    let (_, response) = send_batch(&queues, &[entry("a", &half), entry("b", &half)]);
    assert_eq!(response["Successful"].as_array().unwrap().len(), 2);
    let ten: Vec<_> = (0..10).map(|id| entry(&id.to_string(), "x")).collect();
    assert_eq!(send_batch(&queues, &ten).1["Failed"], json!([]));
    assert_eq!(bodies(&queues).len(), 12);
}

#[test]
fn delays_and_groups_have_their_limits() {
    let queues = queues(None);
    let with = |name: &str, value: Value| {
        let mut request = json!({ "QueueUrl": URL, "MessageBody": "x" });
        request[name] = value;
        let (status, mut response) = send(&queues, &request);
        (status, response["__type"].take())
    };
    for (name, value) in [
        ("DelaySeconds", json!(0)),
        ("DelaySeconds", json!(900)),
        ("MessageGroupId", json!("a")),
        ("MessageGroupId", json!("~!".repeat(64))),
    ] {
        assert_eq!(with(name, value.clone()).0, 200, "{value}");
    }
    let invalid = (400, json!("com.amazonaws.sqs#InvalidParameterValueException"));
    for (name, value) in [
        ("DelaySeconds", json!(-1)),
        ("DelaySeconds", json!(901)),
        ("DelaySeconds", json!(65536 + 1)),
        ("MessageGroupId", json!("")),
        ("MessageGroupId", json!("a b")),
        ("MessageGroupId", json!("a".repeat(129))),
    ] {
        assert_eq!(with(name, value.clone()), invalid, "{value}");
    }
    assert_eq!(bodies(&queues).len(), 4);
}
