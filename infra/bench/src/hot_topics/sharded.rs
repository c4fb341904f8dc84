//! The design with a queue: the relay sends each batch to a FIFO queue once for each shard of the
//! connections, and a function for each shard posts.

use std::ops::Range;

use super::assumptions::{
    CHANGES_PER_POST, HEADS_TIME, HOP, LENGTH, MESSAGES, POLL, QUOTA, SENDING, commits, poster,
};
use super::lane::Lane;
use super::outcome::{Lanes, Outcome};
use super::push::{Push, Pushes};
use super::rounds::Rounds;
use super::{Micros, Relay, SECOND};

/// The design with a queue.
#[derive(Clone, Debug)]
pub(super) struct Sharded {
    relay: Relay,
    shards: usize,
    rounds: Rounds,
}

/// The time during which the relay gathers changes if a batch is not full. An invocation gets at
/// most ten messages, so rounds that take up to ten times as long keep up.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
const WINDOW: Micros = 2 * SECOND;

/// The share of the account's quota that all shards together leave to other work, in hundredths.
const LEFT: u64 = 10;

impl Sharded {
    /// Returns the design with `shards` shards, which share the account's quota. Their functions
    /// have the memory and the timeout of `relay`.
    pub(super) fn new(relay: Relay, shards: usize) -> Self {
        let mut poster = poster(relay.memory);
        poster.pace = (SECOND * 100 * shards as Micros).div_ceil(QUOTA * (100 - LEFT));
        Self { relay, shards, rounds: Rounds::new(&poster, relay.timeout) }
    }

    /// Returns the design with `times` as many shards and `times` the quota, so that each shard
    /// is unchanged.
    pub(super) fn times(&self, times: usize) -> Self {
        Self { shards: self.shards * times, ..self.clone() }
    }

    /// Simulates `connections` connections and `rate` changes a second.
    pub(super) fn run(&self, connections: usize, rate: u64) -> Outcome {
        let connections = connections.div_ceil(self.shards);
        let commits = commits(rate);
        let (made, keeps_up) = self.shard(connections, &commits);
        let lanes = Lanes { count: self.shards, connections, memory: self.relay.memory };
        Outcome::of(lanes, &commits, &made, keeps_up)
    }

    /// Simulates the relay's messages to one shard and that shard's work; all shards are alike.
    /// The flag is true if both the relay and the shard keep up.
    fn shard(&self, connections: usize, commits: &[Micros]) -> (Pushes, bool) {
        let Relay { batch_size, timeout, .. } = self.relay;
        let relay = Lane { most: batch_size, poll: POLL, window: WINDOW, timeout, until: LENGTH };
        let relayed = relay.work(commits, |_| Some(HEADS_TIME + SENDING));
        let messages: Vec<_> = relayed.iter().map(|batch| batch.end + HOP).collect();
        let changes = |messages: &Range<usize>| {
            relayed[messages.start].items.start..relayed[messages.end - 1].items.end
        };
        let lane = Lane { most: MESSAGES, poll: 1, window: 0, timeout, until: LENGTH };
        let push = Push { lane, rounds: &self.rounds, connections };
        let made = push.make(&messages, |messages| {
            while messages.len() > 1 && changes(messages).len() > CHANGES_PER_POST {
                messages.end -= 1;
            }
            changes(messages)
        });
        let keeps_up = relay.keeps_up(commits, &relayed) && lane.keeps_up(&messages, &made.batches);
        (made, keeps_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::push::Pushed;

    fn four() -> Sharded {
        Sharded::new(Relay { batch_size: 100, timeout: 60 * SECOND, memory: 1_769 }, 4)
    }

    #[test]
    fn a_connection_hears_changes_in_their_order_and_each_once() {
        let (made, _) = four().shard(20_000, &commits(10));
        let mut next = 0;
        let mut done = 0;
        for Pushed { changes, at, end, .. } in &made.pushed {
            assert_eq!(changes.start, next, "no change is skipped or comes twice");
            assert!(*at >= done, "and none is posted before those ahead of it are");
            (next, done) = (changes.end, *end);
        }
        assert!(made.batches.iter().any(|batch| batch.items.len() > 1), "messages come together");
    }

    #[test]
    fn all_shards_together_leave_a_tenth_of_the_quota() {
        let outcome = four().run(80_000, 10);
        assert!(outcome.posts_per_second <= 9_000, "{outcome:?}");
        assert!(outcome.batch.is_some_and(|batch| batch >= 8 * SECOND), "{outcome:?}");
        assert!(outcome.keeps_up);
    }
}
