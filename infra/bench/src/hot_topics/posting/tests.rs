use super::*;
use crate::hot_topics::SECOND;

/// A lane with posts of 10 ms, 64 at once, on a processor that is never busy.
fn steady() -> Poster {
    Poster {
        lanes: 1,
        in_flight: 64,
        busy: 0,
        rate: SECOND,
        latency: Latency::Always(10_000),
        mute: 0,
        quota: 10_000,
        others: 0,
    }
}

fn post(poster: Poster, posts: usize) -> (Micros, Posted) {
    let all = poster.post(&mut Chance::new(1), posts, Micros::MAX);
    (all.posts.iter().map(|post| post.done).max().unwrap(), all)
}

#[test]
fn sixty_four_are_posted_at_once() {
    assert_eq!(post(steady(), 64).0, 10_000);
    assert_eq!(post(steady(), 65).0, 20_000);
    assert_eq!(post(steady(), 6_400).0, SECOND);
}

#[test]
fn a_busy_processor_and_a_pace_keep_posts_apart() {
    assert_eq!(post(Poster { busy: 500, ..steady() }, 2_000).0, SECOND + 10_000);
    let (length, posted) = post(Poster { rate: 1_000, ..steady() }, 3_000);
    assert_eq!((length, posted.rejected), (2 * SECOND + 10_000, 0));
}

#[test]
fn a_throttled_account_delays_posts_and_closes_nobody() {
    let throttled = Poster { lanes: 4, rate: 1_000, quota: 1_000, others: 500, ..steady() };
    let (length, posted) = post(throttled, 2_000);
    assert_eq!((posted.posts.len(), posted.closed), (8_000, 0));
    assert!(posted.posts.iter().all(|post| post.done > 0));
    assert!(length < 30 * SECOND, "{length}");
    // Lanes that did not slow down would have more posts rejected than accepted.
    assert!((1..4_000).contains(&posted.rejected), "{}", posted.rejected);
}

#[test]
fn who_fails_alone_four_times_in_a_row_is_closed() {
    let (length, posted) = post(Poster { mute: 1_000, ..steady() }, 64);
    assert_eq!((posted.closed, posted.rejected), (64, 0));
    let tries = Micros::from(STRIKES) * (micros(ATTEMPT_TIMEOUT) + 10_000) + 10_000;
    assert!((tries..tries + 175_000).contains(&length), "{length}");
}
