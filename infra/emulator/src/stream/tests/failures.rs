//! Failed invocations: partial failures, retries, bisection, and batches that are given up.

use tokio::sync::mpsc;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_partial_failure_is_retried_from_the_lowest_record() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b c d").await;
    let Progress::Wait(wait) = fixture.poll(|event| Ok(failing(event, &["d", "b"]))).await else {
        panic!("no retry");
    };
    fixture.write("e").await;
    assert!(matches!(fixture.poll(succeed).await, Progress::Wait(_)), "before its time");
    advance(wait).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a b c d", "b c d", "e"]);
    assert!(fixture.destination.take().is_empty());
}

#[tokio::test]
async fn without_report_batch_item_failures_a_response_is_success() {
    let mut fixture = fixture(|settings| settings.report_batch_item_failures = false).await;
    fixture.write("a b").await;
    fixture.drain(|event| Ok(failing(event, &["a"]))).await;
    assert_eq!(fixture.invocations(), ["a b"]);
}

#[tokio::test(start_paused = true)]
async fn bisecting_isolates_a_poison_record_and_goes_on() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b poison c").await;
    fixture
        .drain(|event| if ids(event).contains("poison") { Err("poisoned") } else { succeed(event) })
        .await;
    // Two splits, which do not count as retries, then the poison record and its two retries.
    let expected = ["a b poison c", "a b", "poison c", "poison", "poison", "poison", "c"];
    assert_eq!(fixture.invocations(), expected);

    let destination = fixture.destination.take();
    assert_eq!(destination.len(), 1);
    let (context, batch) =
        (&destination[0]["requestContext"], &destination[0]["DDBStreamBatchInfo"]);
    assert_eq!(context["condition"], "RetryAttemptsExhausted");
    assert_eq!(context["approximateInvokeCount"], 3);
    assert_eq!(batch["batchSize"], 1);
    assert_eq!(batch["startSequenceNumber"], batch["endSequenceNumber"]);
    assert_eq!(batch["approximateArrivalOfFirstRecord"], "2026-11-21T09:30:00.000Z");
}

#[tokio::test(start_paused = true)]
async fn without_bisecting_the_whole_batch_is_retried_and_given_up() {
    let mut fixture = fixture(|settings| settings.bisect_batch_on_function_error = false).await;
    fixture.write("a b").await;
    let mut waits = Vec::new();
    while let Progress::Wait(wait) = fixture.poll(|_| Err("down")).await {
        waits.push(wait.as_millis());
        advance(wait).await;
    }
    assert!((50..=100).contains(&waits[0]) && (100..=200).contains(&waits[1]), "{waits:?}");
    fixture.write("c").await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a b", "a b", "a b", "c"]);
    assert_eq!(fixture.destination.take()[0]["DDBStreamBatchInfo"]["batchSize"], 2);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_names_no_record_of_the_batch_fails_all_of_it() {
    let mut fixture = fixture(|settings| settings.maximum_retry_attempts = Some(0)).await;
    fixture.write("a").await;
    fixture.drain(|_| Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "1" }] }))).await;
    assert_eq!(fixture.invocations(), ["a"]);
    assert_eq!(fixture.destination.take().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_is_retried_whole_until_its_age_and_counts_no_failure() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b").await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        let Progress::Wait(wait) = fixture.poll(|_| Err(THROTTLED)).await else {
            panic!("given up after {waits:?}");
        };
        waits.push(wait.as_millis());
        advance(wait).await;
    }
    assert!((50..=100).contains(&waits[0]) && (15_000..=30_000).contains(&waits[11]), "{waits:?}");
    // Its own failures still count from none.
    fixture
        .drain(|event| if ids(event).contains('b') { Err("down") } else { succeed(event) })
        .await;
    assert_eq!(fixture.destination.take().len(), 1);
    let invocations = fixture.invocations();
    assert!(invocations[..12].iter().all(|ids| ids == "a b"), "{invocations:?}");
    assert_eq!(invocations[12..], ["a b", "a", "b", "b", "b"]);

    fixture.write("c").await;
    assert!(matches!(fixture.poll(|_| Err(THROTTLED)).await, Progress::Wait(_)));
    {
        let mut now = fixture.now.lock().unwrap();
        *now = now.plus_seconds(3601);
    }
    advance(Duration::from_secs(30)).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["c"]);
    assert_eq!(fixture.destination.take()[0]["requestContext"]["condition"], "RecordAgeExceeded");
}

#[tokio::test]
async fn records_past_the_maximum_age_are_given_up_without_an_invocation() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a b").await;
    {
        let mut now = fixture.now.lock().unwrap();
        *now = now.plus_seconds(3601);
    }
    fixture.write("c").await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["c"]);
    let destination = fixture.destination.take();
    assert_eq!(destination[0]["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(destination[0]["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!(destination[0]["responseContext"], Value::Null);
    assert_eq!(destination[0]["DDBStreamBatchInfo"]["batchSize"], 2);
}

#[tokio::test]
async fn a_poll_that_is_dropped_invokes_with_the_batch_again() {
    let mut fixture = fixture(|_| {}).await;
    fixture.write("a").await;
    let (invoked, mut was_invoked) = mpsc::unbounded_channel();
    let never_ends = |event: Value| {
        invoked.send(ids(&event)).unwrap();
        std::future::pending::<Result<Value, &str>>()
    };
    tokio::select! {
        step = fixture.mapping.poll(&never_ends, &|_| ()) => panic!("{step:?}"),
        ids = was_invoked.recv() => assert_eq!(ids.unwrap(), "a"),
    }
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a"]);
}
