//! Functions that send messages to queues with the real SQS client.

use aws_sdk_sqs::operation::send_message::SendMessageError;

use super::*;
use crate::sdk_config;

fn sqs(fixture: &Fixture, function: &str) -> aws_sdk_sqs::Client {
    aws_sdk_sqs::Client::new(&sdk_config(fixture.transport.client_for(function)))
}

fn bodies(fixture: &Fixture) -> Vec<String> {
    let messages = fixture.queues.get("Failures").unwrap().messages().unwrap();
    messages.into_iter().map(|message| message.body).collect()
}

#[tokio::test]
async fn the_sdk_sends_to_the_queue() {
    let fixture = fixture().await;
    let send =
        sqs(&fixture, FUNCTION).send_message().queue_url(QUEUE_URL).message_body("{\"a\":1}");
    let response = send.send().await.unwrap();
    let messages = fixture.queues.get("Failures").unwrap().messages().unwrap();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].body, "{\"a\":1}");
    assert_eq!(messages[0].attributes.sender_id, FUNCTION);
    assert_eq!(response.message_id(), Some(messages[0].id.as_str()));
    assert_eq!(response.md5_of_message_body(), Some(messages[0].md5_of_body.as_str()));
    let usage = fixture.meter.take();
    assert_eq!(usage.requests.keys().map(|it| &*it.operation).collect::<Vec<_>>(), ["SendMessage"]);
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
