//! The relay as it is: each lane reads a batch, reads the subscriptions, and posts.

use super::Relay;
use super::assumptions::{LENGTH, POLL, RESERVE, commits, has_room};
use super::lane::Lane;
use super::outcome::{Lanes, Outcome};
use super::push::Push;
use super::rounds::Rounds;

/// The design of the relay as it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inline<'a> {
    pub(super) relay: Relay,
    /// The rounds of an invocation with the relay's memory.
    pub(super) rounds: &'a Rounds,
    /// The number of shards of the stream. Each has its part of the orders, and posts to all
    /// connections.
    pub(super) lanes: usize,
    /// The posts a second of each lane.
    pub(super) rate: u64,
}

impl Inline<'_> {
    /// Simulates `connections` connections and `rate` changes a second, which are spread evenly
    /// over the lanes: one lane stands for all of them.
    pub(super) fn run(&self, connections: usize, rate: u64) -> Outcome {
        let Relay { batch_size, timeout, memory } = self.relay;
        let timeout = timeout.saturating_sub(RESERVE);
        let lane = Lane { most: batch_size, poll: POLL, window: 0, timeout, until: LENGTH };
        let commits: Vec<_> = commits(rate).into_iter().step_by(self.lanes).collect();
        let push = Push { lane, rounds: self.rounds, rate: self.rate, connections };
        let made = push.make(&commits, |changes| changes.clone());
        let keeps_up = has_room(self.rate * self.lanes as u64, connections, rate)
            && lane.keeps_up(&commits, &made.batches);
        Outcome::of(Lanes { count: self.lanes, connections, memory }, &commits, &made, keeps_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::assumptions::{QUOTA, SMALL_QUOTA, pace};
    use crate::hot_topics::{Micros, SECOND};

    fn run(lanes: usize, quota: u64, connections: usize, rate: u64) -> Outcome {
        let relay = Relay { batch_size: 100, timeout: 60 * SECOND, memory: 1_769 };
        let rounds = Rounds::new(relay.memory, relay.timeout);
        Inline { relay, rounds: &rounds, lanes, rate: pace(quota, lanes) }.run(connections, rate)
    }

    fn about(time: Micros, seconds: Micros) -> bool {
        time.abs_diff(seconds * SECOND) < SECOND / 2
    }

    #[test]
    fn a_batch_takes_its_connections_by_the_pace_of_its_lane() {
        let outcome = run(4, QUOTA, 20_000, 1);
        assert!(outcome.batch.is_some_and(|batch| about(batch, 16)), "{outcome:?}");
        assert!(outcome.keeps_up && outcome.timeouts == 0);
        assert!((4_500..=5_100).contains(&outcome.posts_per_second), "{outcome:?}");
        let slower = run(4, SMALL_QUOTA, 5_000, 1);
        assert!(slower.batch.is_some_and(|batch| about(batch, 16)), "{slower:?}");
    }

    #[test]
    fn a_topic_that_is_quiet_has_a_seconds_worth_of_posts_at_once() {
        let outcome = run(16, SMALL_QUOTA, 50, 1);
        assert!(outcome.batch.is_some_and(|batch| batch < SECOND / 2), "{outcome:?}");
    }

    #[test]
    fn more_changes_than_fit_into_posts_fall_behind() {
        assert!(run(4, QUOTA, 1_000, 100).keeps_up);
        let behind = run(4, QUOTA, 2_000, 100);
        assert!(!behind.keeps_up && behind.delay[1] > 60 * SECOND, "{behind:?}");
        assert!(run(4, QUOTA, 10_000, 10).keeps_up);
    }

    #[test]
    fn more_connections_than_there_is_time_for_never_hear() {
        let outcome = run(4, QUOTA, 65_000, 1);
        assert_eq!((outcome.batch, outcome.keeps_up), (None, false));
        assert!(outcome.timeouts > 1);
    }
}
