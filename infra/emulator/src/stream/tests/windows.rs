//! Batches that wait to be full.

use super::*;

const WINDOW: Duration = Duration::from_secs(5);

async fn windowed() -> Fixture {
    fixture(|settings| {
        settings.maximum_batching_window = WINDOW;
        settings.batch_size = 3;
    })
    .await
}

/// Polls until there is nothing to do now.
async fn settle(fixture: &mut Fixture) -> Step {
    loop {
        match fixture.poll(succeed).await {
            Step::Progressed => {}
            step => return step,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_until_the_window_is_over() {
    let mut fixture = windowed().await;
    fixture.write("a").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW));
    advance(WINDOW / 2).await;
    fixture.write("b").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW / 2));
    assert_eq!(fixture.invocations(), [""; 0]);
    advance(WINDOW / 2).await;
    assert_eq!(settle(&mut fixture).await, Step::Idle);
    assert_eq!(fixture.invocations(), ["a b"]);
}

#[tokio::test(start_paused = true)]
async fn a_window_opens_when_an_invocation_ends_or_a_record_comes_after_it() {
    let mut fixture = windowed().await;
    fixture.write("a b c").await;
    assert_eq!(settle(&mut fixture).await, Step::Idle);
    advance(WINDOW / 2).await;
    fixture.write("d").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW / 2));
    advance(WINDOW / 2).await;
    assert_eq!(settle(&mut fixture).await, Step::Idle);
    assert_eq!(fixture.invocations(), ["a b c", "d"]);
    advance(WINDOW * 3).await;
    fixture.write("e").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW));
}

#[tokio::test(start_paused = true)]
async fn a_full_batch_does_not_wait() {
    let mut fixture = windowed().await;
    fixture.write("a b").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW));
    fixture.write("c d").await;
    assert_eq!(settle(&mut fixture).await, Step::Wait(WINDOW));
    assert_eq!(fixture.invocations(), ["a b c"]);
    fixture.drain(succeed).await;
    assert_eq!(fixture.invocations(), ["d"]);
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_no_window() {
    let mut fixture = windowed().await;
    fixture.write("a b c").await;
    let Step::Wait(wait) = fixture.poll(|_| Err("down")).await else { panic!("no retry") };
    assert!(wait < WINDOW);
    advance(wait).await;
    assert_eq!(fixture.poll(succeed).await, Step::Progressed);
    assert_eq!(fixture.invocations(), ["a b c", "a"]);
}
