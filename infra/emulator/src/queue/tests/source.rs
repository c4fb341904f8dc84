//! A mapping between a queue and a function that the test supplies.

use std::cell::RefCell;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, advance, timeout};

use super::*;
use crate::invoke::FunctionError;

const PATIENCE: Duration = Duration::from_secs(10);

type Response = Result<Value, FunctionError>;

struct Fixture {
    queues: Queues,
    time: Time,
    source: EventSource,
    /// The events of all invocations.
    events: RefCell<Vec<Value>>,
}

fn fixture() -> Fixture {
    let time = Time::default();
    let queues = queues_at(None, &time);
    let queue = |name| queues.get(name).unwrap().clone();
    let dead_letters = DeadLetters { queue: queue("Failures"), max_receive_count: 2 };
    let source = EventSource {
        queue: queue("Tasks"),
        dead_letters: Some(dead_letters),
        batch_size: 2,
        report_batch_item_failures: true,
        concurrency: 2,
    };
    Fixture { queues, time, source, events: RefCell::default() }
}

fn error(error_type: &str) -> FunctionError {
    FunctionError { error_type: error_type.to_owned(), error_message: String::new() }
}

/// Returns the bodies of an event's messages, as `a b`.
fn text(event: &Value) -> String {
    let records = event["Records"].as_array().unwrap();
    records.iter().map(|record| record["body"].as_str().unwrap()).collect::<Vec<_>>().join(" ")
}

/// Returns a partial batch response that names these records of the event.
fn failing(event: &Value, records: &[usize]) -> Value {
    let item = |record: &usize| json!({ "itemIdentifier": event["Records"][record]["messageId"] });
    json!({ "batchItemFailures": records.iter().map(item).collect::<Vec<_>>() })
}

impl Fixture {
    fn send(&self, bodies: &str) {
        for body in bodies.split(' ') {
            self.source.queue.send("outbox", body).unwrap();
        }
    }

    async fn poll(&self, function: impl Fn(&Value) -> Response) -> usize {
        let invoke = |event: Value| {
            let response = function(&event);
            self.events.borrow_mut().push(event);
            std::future::ready(response)
        };
        self.source.poll(&invoke).await.unwrap()
    }

    /// Returns the bodies of each invocation since the last call.
    fn invocations(&self) -> Vec<String> {
        self.events.take().iter().map(text).collect()
    }
}

#[tokio::test]
async fn a_function_gets_messages_as_lambda_sends_them() {
    let fixture = fixture();
    let request = json!({ "QueueUrl": TASKS, "MessageBody": "a", "MessageGroupId": "tenant" });
    send(&fixture.queues, &request);
    fixture.time.pass(1);
    assert_eq!(fixture.poll(|_| Ok(Value::Null)).await, 1);
    let mut event = fixture.events.take().remove(0);
    let record = &mut event["Records"][0];
    assert!(record["messageId"].take().is_string() && record["receiptHandle"].take().is_string());
    let expected = json!({ "Records": [{
        "messageId": null,
        "receiptHandle": null,
        "body": "a",
        "attributes": {
            "SenderId": "relay",
            "SentTimestamp": "1000000",
            "MessageGroupId": "tenant",
            "ApproximateReceiveCount": "1",
            "ApproximateFirstReceiveTimestamp": "1001000",
        },
        "messageAttributes": {},
        "md5OfBody": "0cc175b9c0f1b6a831c399e269772661",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:local:000000000000:waybill-Tasks",
        "awsRegion": "local",
    }] });
    assert_eq!(event, expected);
    assert_eq!(bodies_of(&fixture.queues, "Tasks"), [""; 0]);
    assert_eq!(fixture.poll(|_| Ok(Value::Null)).await, 0);
    assert_eq!(fixture.invocations(), [""; 0], "nothing to invoke it with");
}

#[tokio::test]
async fn only_messages_that_failed_come_again_and_in_the_end_to_the_dead_letters() {
    let fixture = fixture();
    fixture.send("a b c");
    let second = |event: &Value| Ok(failing(event, &[1]));
    assert_eq!(fixture.poll(second).await, 2);
    assert_eq!(bodies_of(&fixture.queues, "Tasks"), ["b", "c"]);
    fixture.time.pass(30);
    assert_eq!(fixture.poll(|event| Ok(failing(event, &[0]))).await, 2);
    assert_eq!(bodies_of(&fixture.queues, "Tasks"), ["b"]);
    fixture.time.pass(29);
    assert_eq!(fixture.poll(second).await, 0);
    assert_eq!(bodies(&fixture.queues), [""; 0]);
    fixture.time.pass(1);
    assert_eq!(fixture.poll(second).await, 0);
    assert_eq!(bodies(&fixture.queues), ["b"]);
    assert_eq!(fixture.invocations(), ["a b", "b c"]);
}

#[tokio::test]
async fn responses_mean_what_lambda_documents() {
    let failures = |ids: &[Value]| {
        let item = |id: &Value| json!({ "itemIdentifier": id });
        json!({ "batchItemFailures": ids.iter().map(item).collect::<Vec<_>>() })
    };
    for (response, is_done) in [
        (json!(null), true),
        (json!(""), true),
        (json!({}), true),
        (json!({ "batchItemFailures": null }), true),
        (failures(&[]), true),
        (failures(&[json!("unknown")]), false),
        (failures(&[json!("")]), false),
        (failures(&[json!(null)]), false),
        (json!({ "batchItemFailures": [{ "id": "a" }] }), false),
        (json!({ "batchItemFailures": "a" }), false),
        (json!("fine"), false),
        (json!([]), false),
    ] {
        let mut fixture = fixture();
        fixture.send("a b");
        assert_eq!(fixture.poll(|_| Ok(response.clone())).await, 2);
        let left = bodies_of(&fixture.queues, "Tasks").len();
        assert_eq!(left, if is_done { 0 } else { 2 }, "{response}");
        fixture.time.pass(30);
        fixture.source.report_batch_item_failures = false;
        fixture.poll(|_| Ok(response.clone())).await;
        assert_eq!(bodies_of(&fixture.queues, "Tasks"), [""; 0], "the response is not read");
    }
}

#[tokio::test]
async fn a_batch_whose_function_fails_or_is_throttled_comes_again() {
    for kind in ["Runtime.Panic", "TooManyRequestsException"] {
        let fixture = fixture();
        fixture.send("a b");
        assert_eq!(fixture.poll(|_| Err(error(kind))).await, 2);
        assert_eq!(fixture.poll(|_| Ok(Value::Null)).await, 0);
        fixture.time.pass(30);
        assert_eq!(fixture.poll(|_| Ok(Value::Null)).await, 2);
        assert_eq!(bodies_of(&fixture.queues, "Tasks"), [""; 0], "{kind}");
    }
}

/// A mapping that runs, with a function whose invocations the test ends.
struct Running {
    queue: Queue,
    time: Time,
    invoked: mpsc::UnboundedReceiver<(String, oneshot::Sender<Response>)>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

fn running(bodies: &str) -> Running {
    let fixture = fixture();
    if !bodies.is_empty() {
        fixture.send(bodies);
    }
    let (invoked, was_invoked) = mpsc::unbounded_channel();
    let invoke = move |event: Value| {
        let (respond, response) = oneshot::channel();
        invoked.send((text(&event), respond)).unwrap();
        async { response.await.unwrap() }
    };
    let (stop, mut stopped) = watch::channel(false);
    let queue = fixture.source.queue.clone();
    let shutdown = async move {
        stopped.wait_for(|stopped| *stopped).await.unwrap();
    };
    let task = tokio::spawn(fixture.source.run(invoke, shutdown));
    Running { queue, time: fixture.time, invoked: was_invoked, stop, task }
}

impl Running {
    /// Waits for the next invocation.
    async fn next(&mut self) -> (String, oneshot::Sender<Response>) {
        timeout(PATIENCE, self.invoked.recv()).await.expect("an invocation").unwrap()
    }

    async fn end(self) {
        self.stop.send_replace(true);
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn running_is_woken_by_a_message_and_goes_on_after_errors() {
    let mut running = running("");
    for (body, response) in
        [("a", Err(error("Runtime.Panic"))), ("b", Ok(json!("fine"))), ("c", Ok(Value::Null))]
    {
        // The mapping comes to its wait.
        advance(Duration::from_millis(1)).await;
        running.queue.send("outbox", body).unwrap();
        let sent = Instant::now();
        let (seen, respond) = running.next().await;
        assert_eq!((&*seen, sent.elapsed()), (body, Duration::ZERO));
        respond.send(response).unwrap();
    }
    running.time.pass(30);
    let (seen, respond) = running.next().await;
    assert_eq!(seen, "a b");
    respond.send(Ok(Value::Null)).unwrap();
    let queue = running.queue.clone();
    running.end().await;
    assert_eq!(queue.messages(), []);
}

#[tokio::test]
async fn running_invokes_the_function_concurrently_up_to_its_maximum() {
    let mut running = running("a b c d e");
    let (first, respond) = running.next().await;
    let second = running.next().await;
    assert_eq!((&*first, &*second.0), ("a b", "c d"));
    running.queue.send("outbox", "f").unwrap();
    tokio::task::yield_now().await;
    assert!(running.invoked.try_recv().is_err(), "two are running");
    respond.send(Ok(Value::Null)).unwrap();
    let third = running.next().await;
    assert_eq!(third.0, "e f");

    // Batches in flight are finished, and no other is begun.
    running.queue.send("outbox", "g").unwrap();
    running.stop.send_replace(true);
    let queue = running.queue.clone();
    let ending = tokio::spawn(running.end());
    for (_, respond) in [second, third] {
        assert!(!ending.is_finished());
        respond.send(Ok(Value::Null)).unwrap();
    }
    timeout(PATIENCE, ending).await.unwrap().unwrap();
    let left: Vec<_> = queue.messages().into_iter().map(|message| message.body).collect();
    assert_eq!(left, ["g"]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_is_tried_again_while_it_is_hidden() {
    let throttled = || Err(error("TooManyRequestsException"));
    let mut running = running("a");
    for _ in 0..3 {
        let (seen, respond) = running.next().await;
        assert_eq!(seen, "a");
        respond.send(throttled()).unwrap();
    }
    let receives = |queue: &Queue| queue.messages()[0].receives();
    assert_eq!(receives(&running.queue), 1);
    let (_, respond) = running.next().await;
    running.time.pass(30);
    respond.send(throttled()).unwrap();
    let (_, respond) = running.next().await;
    assert_eq!(receives(&running.queue), 2, "received again");
    respond.send(throttled()).unwrap();
    running.end().await;
}
