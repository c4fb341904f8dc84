//! Queues that invoke a function, and queues of dead letters.

use super::*;

const QUEUE: &str = "  RelayFailures:\n    Type: AWS::SQS::Queue\n    Properties:\n";
const EVENTS: &str = "      Events:\n        Orders:\n";
const TIMEOUT: &str = "      VisibilityTimeout: 360\n";

/// Parses the template with a queue for its relay, with these properties of queue and event.
fn with(queue: &str, event: &str) -> Result<Template, String> {
    let tasks = format!("{}{queue}", QUEUE.replace("RelayFailures", "Tasks"));
    let event = format!(
        "        Tasks: {{ Type: SQS, Properties: {{ Queue: !GetAtt Tasks.Arn{event} }} }}\n"
    );
    let text = TEMPLATE.replacen(QUEUE, &format!("{tasks}\n{QUEUE}"), 1);
    let text = text.replacen(EVENTS, &EVENTS.replace("Events:\n", &format!("Events:\n{event}")), 1);
    assert!(text.contains(&event) && text.contains(&tasks));
    parse(&text, "dev", &OWN_ISSUER)
}

#[test]
fn a_queue_and_its_event_are_read() {
    let defaults = with(TIMEOUT, "").unwrap();
    let queue_arn = "arn:aws:sqs:local:000000000000:waybill-Tasks".to_owned();
    let expected = QueueTrigger {
        queue_arn,
        batch_size: 10,
        concurrency: 5,
        report_batch_item_failures: false,
    };
    assert_eq!(defaults.functions["Relay"].queues, std::slice::from_ref(&expected));
    let queues = &defaults.queues;
    assert_eq!((queues["Tasks"].visibility_timeout, queues["Tasks"].has_consumer), (360, true));
    assert_eq!(queues["Tasks"].redrive_policy, None);
    let failures = &queues["RelayFailures"];
    assert_eq!((failures.visibility_timeout, failures.has_consumer), (30, false));

    let redrive = "      RedrivePolicy: { deadLetterTargetArn: !GetAtt RelayFailures.Arn, \
                   maxReceiveCount: 3 }\n";
    let all = with(
        &format!("{TIMEOUT}{redrive}"),
        ", BatchSize: 1, FunctionResponseTypes: [ReportBatchItemFailures], \
         ScalingConfig: { MaximumConcurrency: 20 }",
    )
    .unwrap();
    let expected = QueueTrigger {
        batch_size: 1,
        concurrency: 20,
        report_batch_item_failures: true,
        ..expected
    };
    assert_eq!(all.functions["Relay"].queues, [expected]);
    let policy = RedrivePolicy { dead_letters: failures.arn.clone(), max_receive_count: 3 };
    assert_eq!(all.queues["Tasks"].redrive_policy, Some(policy));
}

#[test]
fn an_event_that_the_runner_cannot_play_is_named() {
    let at = "Resources.Relay.Properties.Events.Tasks";
    for (event, expected) in [
        ("BatchSize: 0", ".BatchSize: the runner supports only 1 to 10 messages"),
        ("BatchSize: 11", ".BatchSize: the runner supports only 1 to 10 messages"),
        (
            "FunctionResponseTypes: [Other]",
            ".FunctionResponseTypes: the runner supports only ReportBatchItemFailures only",
        ),
        (
            "ScalingConfig: { MaximumConcurrency: 1 }",
            ".ScalingConfig.MaximumConcurrency: the runner supports only 2 to 1,000",
        ),
        (
            "ScalingConfig: { MaximumConcurrency: 1001 }",
            ".ScalingConfig.MaximumConcurrency: the runner supports only 2 to 1,000",
        ),
    ] {
        let refused = with(TIMEOUT, &format!(", {event}")).map(|_| ());
        assert_eq!(refused, Err(format!("{at}{expected}")), "{event}");
    }
    for event in ["MaximumBatchingWindowInSeconds: 1", "FilterCriteria: {}", "Enabled: false"] {
        let refused = with(TIMEOUT, &format!(", {event}")).unwrap_err();
        assert!(refused.starts_with(&format!("{at}: unknown field")), "{refused}");
    }
}

#[test]
fn a_queue_that_cannot_be_is_named() {
    let redrive = |target: &str, count: u32| {
        format!(
            "{TIMEOUT}      RedrivePolicy: {{ deadLetterTargetArn: {target}, maxReceiveCount: {count} }}\n"
        )
    };
    let at = "Resources.Tasks.Properties";
    let slow = "30 seconds are less than the timeout of waybill-Relay, 60 seconds";
    for (queue, expected) in [
        ("      SqsManagedSseEnabled: true\n".to_owned(), format!("VisibilityTimeout: {slow}")),
        (
            "      VisibilityTimeout: 43201\n".to_owned(),
            "VisibilityTimeout: must be 0 to 43,200 seconds".to_owned(),
        ),
        (
            redrive("!GetAtt Tasks.Arn", 3),
            "RedrivePolicy.deadLetterTargetArn: must be another queue".to_owned(),
        ),
        (
            redrive("!GetAtt RelayFailures.Arn", 0),
            "RedrivePolicy.maxReceiveCount: must be 1 to 1,000".to_owned(),
        ),
        (
            redrive("!GetAtt RelayFailures.Arn", 1001),
            "RedrivePolicy.maxReceiveCount: must be 1 to 1,000".to_owned(),
        ),
    ] {
        assert_eq!(with(&queue, "").map(|_| ()), Err(format!("{at}.{expected}")), "{queue}");
    }
    with("      VisibilityTimeout: 60\n", "").unwrap();
    let other = redrive("!GetAtt RelayFailures.Arn, more: 1", 1);
    assert!(with(&other, "").unwrap_err().contains("unknown field `more`"));
}

#[test]
fn a_queue_is_somebody_who_calls() {
    let ticket = "Issue: { Type: HttpApi, Properties: { ApiId: !Ref HttpApi, Method: POST, \
                  Path: /live/tickets } }";
    let event = "Failures: { Type: SQS, Properties: { Queue: !GetAtt RelayFailures.Arn } }";
    waybill(ticket, event).unwrap();
}
