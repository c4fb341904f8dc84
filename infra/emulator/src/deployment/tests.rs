//! A template with a queue that invokes a function.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::*;
use crate::dynamodb::Storage;
use crate::template::Stack;

const TEMPLATE: &str = "
Resources:
  Tasks:
    Type: AWS::SQS::Queue
  Worker:
    Type: AWS::Serverless::Function
    Metadata:
      BuildProperties: { Binary: worker }
    Properties:
      Timeout: 30
      MemorySize: 256
      Events:
        Tasks: { Type: SQS, Properties: { Queue: !GetAtt Tasks.Arn, BatchSize: 2 } }
";

/// Starts the template with a function that reports each body; it fails for the body `bad`.
async fn start(streams: Streams) -> (Deployment, mpsc::UnboundedReceiver<String>) {
    let (report, reported) = mpsc::unbounded_channel();
    let handler = Handler::event(service_fn(move |event: LambdaEvent<Value>| {
        let records = event.payload["Records"].as_array().cloned().unwrap_or_default();
        for body in records.iter().filter_map(|record| record["body"].as_str()) {
            report.send(body.to_owned()).unwrap();
        }
        let is_bad = records.iter().any(|record| record["body"] == "bad");
        async move { if is_bad { Err(Error::from("bad")) } else { Ok(()) } }
    }));
    let stack = Stack { name: "test".into(), uuid: "u".into(), parameters: BTreeMap::new() };
    let options = DeploymentOptions {
        template: Template::parse(TEMPLATE, &stack).unwrap(),
        listener: Listener::bind(0).unwrap(),
        hosts: Vec::new(),
        db: DynamoDb::open(&Storage::Memory, &Clock::system()).unwrap(),
        folder: None,
        clock: Clock::system(),
        time_scale: TimeScale::REAL,
        streams,
        schedules: Schedules::ByHand,
        faults: Faults::default(),
        attempts: Attempts::default(),
        account: Account::default(),
    };
    let keys = serde_json::from_value(json!({ "keys": [] })).unwrap();
    let program = Program {
        code: Box::new(move |_| Ok(handler.clone())),
        verifier: Verifier::new("i", "a", keys),
        logged_claim: "sub".to_owned(),
        routes: Router::new(),
    };
    (Deployment::start(options, program).await.unwrap(), reported)
}

fn send(deployment: &Deployment, body: &str) {
    deployment.queues.get("Tasks").unwrap().send("test", body).unwrap();
}

#[tokio::test]
async fn messages_are_delivered_batch_by_batch_if_the_caller_wants_so() {
    let (deployment, mut reported) = start(Streams::ByHand).await;
    for body in ["a", "b", "bad"] {
        send(&deployment, body);
    }
    for (received, left) in [(2, 1), (1, 1), (0, 1)] {
        assert_eq!(deployment.deliver("Tasks").await.unwrap(), received);
        assert_eq!(deployment.messages("Tasks").len(), left);
    }
    deployment.shutdown().await;
    for body in ["a", "b", "bad"] {
        assert_eq!(reported.recv().await.as_deref(), Some(body));
    }
    assert_eq!(reported.recv().await, None);
}

#[tokio::test]
async fn messages_are_delivered_by_themselves_otherwise() {
    let (deployment, mut reported) = start(Streams::Polled).await;
    for body in ["bad", "a", "b"] {
        send(&deployment, body);
        let seen = timeout(Duration::from_secs(10), reported.recv()).await;
        assert_eq!(seen.unwrap().as_deref(), Some(body));
    }
    deployment.shutdown().await;
}
