//! Functions that send messages to queues with the real SQS client.

use aws_sdk_sqs::operation::send_message::SendMessageError;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;

use super::*;
use crate::sdk_config;

fn sqs(fixture: &Fixture, function: &str) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&sdk_config(fixture.transport.client_for(function)))
}

fn bodies(fixture: &Fixture) -> Vec<String> {
    let messages = fixture.queues.get("Failures").unwrap().messages();
    messages.into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn the_sdk_sends_to_the_queue() {
    let fixture = fixture().await;
    let send =
        sqs(&fixture, FUNCTION).send_message().queue_url(QUEUE_URL).message_body("{\"a\":1}");
    let response = send.send().await.unwrap();
    let messages = fixture.queues.get("Failures").unwrap().messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body, "{\"a\":1}");
    assert_eq!(messages[0].attributes.sender_id, FUNCTION);
    assert_eq!(response.message_id(), Some(messages[0].id.as_str()));
    assert_eq!(response.md5_of_message_body(), Some(messages[0].md5_of_body.as_str()));
    let usage = fixture.meter.take();
    assert_eq!(usage.requests.keys().map(|it| &*it.operation).collect::<Vec<_>>(), ["SendMessage"]);
}

#[tokio::test]
async fn the_sdk_sends_a_batch_with_the_permission_to_send() {
    let fixture = fixture().await;
    let entry = |id: &str, body: &str| {
        let entry = SendMessageBatchRequestEntry::builder().id(id).message_body(body);
        entry.delay_seconds(900).message_group_id("tenant").build().unwrap()
    };
    let batch = |function| sqs(&fixture, function).send_message_batch().queue_url(QUEUE_URL);
    let entries = [entry("1", "a"), entry("2", "\u{0}")];
    let response = batch(FUNCTION).set_entries(Some(entries.into())).send().await.unwrap();
    assert_eq!((response.successful()[0].id(), response.failed()[0].id()), ("1", "2"));
    assert_eq!(response.failed()[0].code(), "InvalidMessageContents");
    let messages = fixture.queues.get("Failures").unwrap().messages();
    assert_eq!(response.successful()[0].md5_of_message_body(), messages[0].md5_of_body);
    assert_eq!(bodies(&fixture), ["a"]);
    let usage = fixture.meter.take();
    let operations = usage.requests.keys().map(|it| &*it.operation);
    assert_eq!(operations.collect::<Vec<_>>(), ["SendMessageBatch"]);

    let error = batch(FUNCTION).set_entries(Some(Vec::new())).send().await.unwrap_err();
    let error = error.into_service_error();
    assert!(matches!(error, SendMessageBatchError::EmptyBatchRequest(_)), "{error:?}");
    let denied = batch("nobody").entries(entry("1", "a")).send().await.unwrap_err();
    assert!(denied.message().unwrap().contains("perform: sqs:SendMessage on resource"));
}

#[tokio::test]
async fn a_function_whose_policy_lacks_the_queue_is_refused() {
    let fixture = fixture().await;
    let nobody = sqs(&fixture, "nobody").send_message().queue_url(QUEUE_URL).message_body("x");
    let error = nobody.send().await.unwrap_err();
    assert_eq!(error.code(), Some("AccessDeniedException"));
    assert!(error.message().unwrap().contains(
        "perform: sqs:SendMessage on resource: arn:aws:sqs:local:000000000000:test-Failures"
    ));
    let other = format!("{QUEUE_URL}2");
    let other = sqs(&fixture, FUNCTION).send_message().queue_url(other).message_body("x");
    assert_eq!(other.send().await.unwrap_err().code(), Some("AccessDeniedException"));
    assert_eq!(bodies(&fixture), [""; 0]);
}

#[tokio::test]
async fn what_the_queue_refuses_reaches_the_sdk_by_name() {
    let fixture = fixture().await;
    let send = sqs(&fixture, FUNCTION).send_message().queue_url(QUEUE_URL).message_body("\u{0}");
    let error = send.send().await.unwrap_err().into_service_error();
    assert!(matches!(error, SendMessageError::InvalidMessageContents(_)), "{error:?}");
}

#[tokio::test]
async fn faults_reach_the_queue_too() {
    let fixture = fixture().await;
    let send = sqs(&fixture, FUNCTION).send_message().queue_url(QUEUE_URL).message_body("x");
    fixture.faults.inject(|call| {
        assert_eq!(call.service(), Service::Sqs);
        (call.request["MessageBody"] == "x").then(Fault::internal_server_error)
    });
    assert_eq!(send.clone().send().await.unwrap_err().code(), Some("InternalServerError"));
    assert_eq!(bodies(&fixture), [""; 0]);
    fixture.faults.clear();
    send.send().await.unwrap();
    assert_eq!(bodies(&fixture), ["x"]);
}
