//! Queues in memory and in a folder, and their replies.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use clock::Timestamp;
use http::Request;
use serde_json::{Value, json};

use super::*;
use crate::call::Call;

mod batches;
mod files;
mod receives;
mod source;

const URL: &str = "https://sqs.local.amazonaws.com/000000000000/waybill-Failures";
/// The URL of a queue that invokes a function.
const TASKS: &str = "https://sqs.local.amazonaws.com/000000000000/waybill-Tasks";

fn queues(folder: Option<&Path>) -> Queues {
    queues_at(folder, &Time::default())
}

fn queues_at(folder: Option<&Path>, time: &Time) -> Queues {
    let declared = |name: &str| {
        let declared = template::Queue {
            name: format!("waybill-{name}"),
            arn: format!("arn:aws:sqs:local:000000000000:waybill-{name}"),
            url: format!("https://sqs.local.amazonaws.com/000000000000/waybill-{name}"),
            visibility_timeout: 30,
            redrive_policy: None,
            has_consumer: name == "Tasks",
        };
        (name.to_owned(), declared)
    };
    Queues::new(&["Failures", "Tasks"].map(declared).into(), folder, &time.clock()).unwrap()
}

/// A time that the test moves; at first 1,000 seconds after 1970.
#[derive(Clone)]
struct Time(Arc<Mutex<Timestamp>>);

impl Default for Time {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Timestamp::from_epoch_seconds(1_000).unwrap())))
    }
}

impl Time {
    fn clock(&self) -> Clock {
        let Self(now) = self.clone();
        Clock::new(move || *now.lock().unwrap())
    }

    fn pass(&self, seconds: i64) {
        let mut now = self.0.lock().unwrap();
        *now = now.plus_seconds(seconds);
    }
}

fn call(operation: &str, request: &Value) -> Call {
    let request = Request::builder()
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .body(request.to_string().into());
    Call::new("relay".to_owned(), &request.unwrap())
}

/// Sends `SendMessage` and returns the status and body of the reply.
fn send(queues: &Queues, request: &Value) -> (u16, Value) {
    let reply = queues.respond(&call("SendMessage", request));
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn send_body(queues: &Queues, body: &str) -> (u16, Value) {
    send(queues, &json!({ "QueueUrl": URL, "MessageBody": body }))
}

fn bodies(queues: &Queues) -> Vec<String> {
    bodies_of(queues, "Failures")
}

fn bodies_of(queues: &Queues, queue: &str) -> Vec<String> {
    let messages = queues.get(queue).unwrap().messages();
    messages.into_iter().map(|message| message.body).collect()
}

fn file(folder: &Path) -> PathBuf {
    folder.join("queues/waybill-Failures.jsonl")
}

#[test]
fn what_is_sent_lies_there_in_order() {
    let queues = queues(None);
    let (status, response) = send_body(&queues, "first");
    assert_eq!(status, 200);
    assert_eq!(response["MD5OfMessageBody"], "8b04d5e3775d298e78455efc5ca404d5");
    assert_eq!(send_body(&queues, "second").0, 200);
    let messages = queues.get("Failures").unwrap().messages();
    assert_eq!(
        serde_json::to_value(&messages[0]).unwrap(),
        json!({
            "MessageId": response["MessageId"],
            "MD5OfBody": "8b04d5e3775d298e78455efc5ca404d5",
            "Body": "first",
            "Attributes": { "SenderId": "relay", "SentTimestamp": "1000000" },
        })
    );
    assert_eq!(bodies(&queues), ["first", "second"]);
}

#[test]
fn a_folder_keeps_messages_and_a_line_cut_short_spoils_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let before = queues(Some(folder.path()));
    assert_eq!(bodies(&before), [""; 0]);
    send_body(&before, "first\nline");
    drop(before);
    let path = file(folder.path());
    let whole = fs::read_to_string(&path).unwrap();
    assert_eq!(whole.lines().count(), 1);
    fs::write(&path, format!("{whole}{}", &whole[..20])).unwrap();

    let after = queues(Some(folder.path()));
    assert_eq!(bodies(&after), ["first\nline"]);
    send_body(&after, "second");
    assert_eq!(bodies(&after), ["first\nline", "second"]);
}

#[test]
fn what_cannot_be_kept_is_not_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let queues = queues(Some(folder.path()));
    fs::create_dir_all(file(folder.path())).unwrap();
    assert_eq!(send_body(&queues, "lost").0, 500);
    assert_eq!(bodies(&queues), [""; 0]);
}

#[test]
fn a_message_has_from_one_byte_to_one_mebibyte() {
    let queues = queues(None);
    let largest = "é".repeat(1024 * 1024 / 2);
    assert_eq!(send_body(&queues, &largest).0, 200);
    for (body, reason) in [
        (String::new(), "Message must not be empty."),
        (largest + "x", "Message must be shorter than 1048576 bytes."),
    ] {
        let (status, response) = send_body(&queues, &body);
        assert!(response["message"].as_str().unwrap().ends_with(reason), "{response}");
        assert_eq!(
            (status, &response["__type"]),
            (400, &json!("com.amazonaws.sqs#InvalidParameterValueException"))
        );
    }
    assert_eq!(bodies(&queues).len(), 1);
}

#[test]
fn a_message_is_text_of_xmls_characters() {
    let queues = queues(None);
    for allowed in ["\t\n\r", " ~", "\u{D7FF}\u{E000}\u{FFFD}", "\u{10000}\u{10FFFF}"] {
        assert_eq!(send_body(&queues, allowed).0, 200, "{allowed:?}");
    }
    for refused in ["\u{0}", "a\u{8}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"] {
        let (status, response) = send_body(&queues, refused);
        assert_eq!(
            (status, &response["__type"]),
            (400, &json!("com.amazonaws.sqs#InvalidMessageContents"))
        );
    }
}

#[test]
fn what_is_not_played_is_refused() {
    let queues = queues(None);
    let elsewhere = json!({ "QueueUrl": format!("{URL}2"), "MessageBody": "x" });
    let (status, response) = send(&queues, &elsewhere);
    assert_eq!((status, &response["__type"]), (400, &json!("com.amazonaws.sqs#QueueDoesNotExist")));
    let unsupported = (400, json!("com.amazonaws.sqs#UnsupportedOperation"));
    let attributed = json!({ "QueueUrl": URL, "MessageBody": "x", "MessageAttributes": {} });
    for request in [attributed, json!({ "QueueUrl": URL }), Value::Null] {
        let (status, mut response) = send(&queues, &request);
        assert_eq!((status, response["__type"].take()), unsupported, "{request}");
    }
    let reply = queues.respond(&call("ReceiveMessage", &json!({ "QueueUrl": URL })));
    let mut response: Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, response["__type"].take()), unsupported);
    assert_eq!(bodies(&queues), [""; 0]);
}
