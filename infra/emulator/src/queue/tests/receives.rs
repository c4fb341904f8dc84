//! Receives: delay, visibility, deletion, redrive, and the turn of each tenant.

use super::*;

/// Sends to the queue with a consumer: a body with a group and a delay.
fn task(queues: &Queues, body: &str, group: Option<&str>, delay: u16) {
    let mut request = json!({ "QueueUrl": TASKS, "MessageBody": body, "DelaySeconds": delay });
    if let Some(group) = group {
        request["MessageGroupId"] = json!(group);
    }
    assert_eq!(send(queues, &request).0, 200);
}

fn receive(queues: &Queues, most: usize) -> Vec<Receipt> {
    queues.get("Tasks").unwrap().receive(most, usize::MAX).unwrap()
}

/// Returns the bodies, as `a b c`.
fn text(receipts: &[Receipt]) -> String {
    receipts.iter().map(|receipt| &*receipt.message.body).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_delayed_message_is_received_when_its_delay_is_over() {
    let time = Time::default();
    let queues = queues_at(None, &time);
    task(&queues, "late", None, 900);
    task(&queues, "now", None, 0);
    assert_eq!(text(&receive(&queues, 10)), "now");
    assert_eq!(bodies_of(&queues, "Tasks"), ["late", "now"]);
    time.pass(899);
    assert_eq!(text(&receive(&queues, 10)), "now", "after its visibility timeout");
    time.pass(1);
    assert_eq!(text(&receive(&queues, 10)), "late");
}

#[test]
fn a_received_message_is_hidden_for_the_visibility_timeout_and_counted() {
    let time = Time::default();
    let queues = queues_at(None, &time);
    task(&queues, "a", None, 0);
    let first = receive(&queues, 10);
    time.pass(29);
    assert_eq!(text(&receive(&queues, 10)), "");
    time.pass(1);
    let second = receive(&queues, 10);
    assert_ne!(first[0].handle, second[0].handle);
    let attributes = serde_json::to_value(&second[0].message.attributes).unwrap();
    let expected = json!({
        "SenderId": "relay",
        "SentTimestamp": "1000000",
        "ApproximateReceiveCount": "2",
        "ApproximateFirstReceiveTimestamp": "1000000",
    });
    assert_eq!(attributes, expected);
    // A receipt of before the timeout still deletes the message, and only once.
    let queue = queues.get("Tasks").unwrap();
    queue.delete(first.iter()).unwrap();
    queue.delete(second.iter()).unwrap();
    time.pass(60);
    assert_eq!(text(&receive(&queues, 10)), "");
    assert_eq!(bodies_of(&queues, "Tasks"), [""; 0]);
}

#[test]
fn a_receive_ends_at_its_size_but_has_a_message() {
    let queues = queues(None);
    for body in ["12345678", "1", "1"] {
        task(&queues, body, None, 0);
    }
    let receive = || queues.get("Tasks").unwrap().receive(10, 6).unwrap();
    // As JSON, each body has two quotes more.
    assert_eq!(text(&receive()), "12345678");
    assert_eq!(text(&receive()), "1 1");
}

#[test]
fn the_backlog_of_one_group_delays_no_other() {
    let time = Time::default();
    let queues = queues_at(None, &time);
    for body in ["a1", "a2", "a3", "a4", "a5"] {
        task(&queues, body, Some("a"), 0);
    }
    assert_eq!(text(&receive(&queues, 2)), "a1 a2");
    task(&queues, "b1", Some("b"), 0);
    task(&queues, "b2", Some("b"), 0);
    task(&queues, "alone", None, 0);
    task(&queues, "other", None, 0);
    // Tenants with nothing in flight come first, in the order of their messages.
    assert_eq!(text(&receive(&queues, 3)), "b1 alone other");
    assert_eq!(text(&receive(&queues, 2)), "b2 a3");
    time.pass(30);
    // Nothing is in flight any more.
    assert_eq!(text(&receive(&queues, 4)), "a1 b1 alone other");
    assert_eq!(text(&receive(&queues, 10)), "a2 b2 a3 a4 a5");
}

#[test]
fn a_message_that_was_received_too_often_is_moved_to_the_dead_letters() {
    let time = Time::default();
    let queues = queues_at(None, &time);
    let (tasks, failures) = (queues.get("Tasks").unwrap(), queues.get("Failures").unwrap());
    task(&queues, "dead", Some("a"), 0);
    let sent = tasks.messages();
    for _ in 0..2 {
        tasks.redrive(2, failures).unwrap();
        assert_eq!(text(&receive(&queues, 10)), "dead");
        assert_eq!(bodies(&queues), [""; 0]);
        time.pass(30);
    }
    task(&queues, "alive", None, 0);
    tasks.redrive(2, failures).unwrap();
    assert_eq!(text(&receive(&queues, 10)), "alive");
    assert_eq!(failures.messages(), sent, "as it was sent");
}
