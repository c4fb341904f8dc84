//! Records that are skipped.

use super::*;

fn only(prefix: &str) -> Vec<Pattern> {
    let pattern = json!({ "dynamodb": { "Keys": { "id": { "S": [{ "prefix": prefix }] } } } });
    vec![Pattern::parse(&pattern.to_string()).unwrap()]
}

#[tokio::test]
async fn what_no_filter_matches_is_done_without_an_invocation() {
    let mut fixture = fixture(|settings| {
        settings.filters = [only("a"), only("c")].concat();
        settings.batch_size = 2;
    })
    .await;
    fixture.write("a1 b1 b2 b3 c1 a2 b4").await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a1", "c1 a2"]);
    assert!(fixture.destination.take().is_empty());
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_partial_failure_counts_among_the_records_that_were_handed_on() {
    let mut fixture = fixture(|settings| settings.filters = only("a")).await;
    fixture.write("a1 b1 a2 b2 a3").await;
    assert!(matches!(fixture.poll(|event| Ok(failing(event, &["a2"]))).await, Progress::Wait(_)));
    advance(Duration::from_secs(1)).await;
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["a1 a2 a3", "a2 a3"]);
}
