//! The relay as it is: one invocation reads a batch, reads the subscriptions, and posts.

use super::Relay;
use super::assumptions::{LENGTH, POLL, commits};
use super::lane::Lane;
use super::outcome::{Lanes, Outcome};
use super::posting::Poster;
use super::push::Push;
use super::rounds::Rounds;

/// The design of the relay as it is.
#[derive(Debug)]
pub(super) struct Inline {
    relay: Relay,
    rounds: Rounds,
}

impl Inline {
    pub(super) fn new(relay: Relay, poster: &Poster) -> Self {
        Self { relay, rounds: Rounds::new(poster, relay.timeout) }
    }

    /// Simulates `connections` connections and `rate` changes a second.
    pub(super) fn run(&self, connections: usize, rate: u64) -> Outcome {
        let Relay { batch_size, timeout, memory } = self.relay;
        let lane = Lane { most: batch_size, poll: POLL, window: 0, timeout, until: LENGTH };
        let commits = commits(rate);
        let push = Push { lane, rounds: &self.rounds, connections };
        let made = push.make(&commits, |changes| changes.clone());
        let keeps_up = lane.keeps_up(&commits, &made.batches);
        Outcome::of(Lanes { count: 1, connections, memory }, &commits, &made, keeps_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::SECOND;
    use crate::hot_topics::assumptions::{HEADS_TIME, poster, reading};
    use crate::hot_topics::chance::Latency;

    /// A relay whose posts all take 10 ms, on a processor that is never busy.
    fn steady() -> Inline {
        let mut poster = poster(1_769);
        poster.busy = 0;
        poster.latency = Latency::Always(10_000);
        Inline::new(Relay { batch_size: 100, timeout: 60 * SECOND, memory: 1_769 }, &poster)
    }

    #[test]
    fn a_batch_takes_its_connections_by_64_times_a_post() {
        let before = HEADS_TIME + reading(64_000);
        let outcome = steady().run(64_000, 1);
        assert_eq!(outcome.batch, Some(before + 1_000 * 10_000));
        assert!(outcome.keeps_up && outcome.timeouts == 0);
    }

    #[test]
    fn more_changes_than_fit_into_batches_fall_behind() {
        let inline = steady();
        assert!(inline.run(5_000, 100).keeps_up);
        let behind = inline.run(10_000, 100);
        assert!(!behind.keeps_up && behind.delay[1] > 60 * SECOND, "{behind:?}");
        assert!(inline.run(10_000, 10).keeps_up);
    }

    #[test]
    fn more_connections_than_there_is_time_for_never_hear() {
        let outcome = steady().run(400_000, 1);
        assert_eq!((outcome.timeouts, outcome.batch, outcome.keeps_up), (5, None, false));
    }
}
