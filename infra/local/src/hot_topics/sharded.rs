//! The design beyond it: the relay hands each batch to a FIFO queue, once for each shard of
//! the connections, and a function for each shard posts.

use super::Relay;
use super::assumptions::{
    CHANGES_PER_POST, HEADS_TIME, HOP, LENGTH, MESSAGES, POLL, QUOTA, SENDING, commits, memory,
    poster, reading,
};
use super::lane::{Batch, Lane};
use super::outcome::{Delivered, Outcome};
use super::rounds::Rounds;
use super::{Micros, SECOND};

/// The design with a queue.
#[derive(Clone, Debug)]
pub(super) struct Sharded {
    relay: Relay,
    shards: usize,
    rounds: Rounds,
}

/// How long the relay gathers changes, if a batch is not full: with at most ten messages
/// for an invocation, rounds of up to ten times as long keep up.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
pub(super) const WINDOW: Micros = 2 * SECOND;

/// How much of the account's quota all shards leave to everything else, in hundredths.
pub(super) const LEFT: u64 = 10;

/// What one shard did.
struct Run {
    /// In messages, one for each batch of the relay.
    posted: Vec<Batch>,
    delivered: Vec<Delivered>,
    keeps_up: bool,
}

impl Sharded {
    /// Connections on so many shards, which share the account's quota; their functions
    /// have the memory and the time-out of `relay`.
    pub(super) fn new(relay: Relay, shards: usize) -> Self {
        let mut poster = poster(relay.memory);
        poster.pace = (SECOND * 100 * shards as Micros).div_ceil(QUOTA * (100 - LEFT));
        Self { relay, shards, rounds: Rounds::new(&poster, relay.timeout) }
    }

    /// So many times the shards, with so many times the quota: each shard is as it was.
    pub(super) fn times(&self, times: usize) -> Self {
        Self { shards: self.shards * times, ..self.clone() }
    }

    /// Lets so many connections listen while so many changes a second are made.
    pub(super) fn run(&self, connections: usize, rate: u64) -> Outcome {
        let commits = commits(rate);
        let connections = connections.div_ceil(self.shards);
        let run = self.shard(connections, &commits);
        let largest = run.delivered.iter().map(|it| it.changes.len()).max().unwrap_or_default();
        Outcome {
            keeps_up: run.keeps_up,
            timeouts: run.posted.iter().filter(|batch| !batch.is_done).count(),
            memory: memory(connections, largest),
            fits: memory(connections, largest) <= self.relay.memory,
            ..Outcome::of(&commits, &run.delivered, self.shards)
        }
    }

    /// The relay and one shard, which is like all others.
    fn shard(&self, connections: usize, commits: &[Micros]) -> Run {
        let Relay { batch_size, timeout, .. } = self.relay;
        let relay = Lane { most: batch_size, poll: POLL, window: WINDOW, timeout, until: LENGTH };
        let relayed = relay.work(commits, |_| Some(HEADS_TIME + SENDING));
        let messages: Vec<_> = relayed.iter().map(|batch| batch.end + HOP).collect();
        let changes = |messages: &std::ops::Range<usize>| {
            relayed[messages.start].items.start..relayed[messages.end - 1].items.end
        };
        let before = HEADS_TIME + reading(connections);
        let lane = Lane { most: MESSAGES, poll: 1, window: 0, timeout, until: LENGTH };
        let mut rounds = Vec::new();
        let posted = lane.work(&messages, |messages| {
            while messages.len() > 1 && changes(messages).len() > CHANGES_PER_POST {
                messages.end -= 1;
            }
            let posts = connections * changes(messages).len().div_ceil(CHANGES_PER_POST);
            let round = self.rounds.get(rounds.len(), posts, timeout.saturating_sub(before));
            let length = round.as_ref().map(|round| before + round.length);
            rounds.push((posts, round));
            length
        });
        let delivered = posted.iter().zip(rounds).filter_map(|(batch, (posts, round))| {
            let (start, end) = (batch.start, batch.end);
            let changes = changes(&batch.items);
            Some(Delivered { changes, at: start + before, start, end, posts, round: round? })
        });
        let delivered = delivered.collect();
        let keeps_up = relay.keeps_up(commits, &relayed) && lane.keeps_up(&messages, &posted);
        Run { keeps_up, delivered, posted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn four() -> Sharded {
        Sharded::new(Relay { batch_size: 100, timeout: 60 * SECOND, memory: 1_769 }, 4)
    }

    #[test]
    fn a_connection_hears_changes_in_their_order_and_each_once() {
        let run = four().shard(20_000, &commits(10));
        let mut next = 0;
        let mut done = 0;
        for Delivered { changes, at, end, .. } in &run.delivered {
            assert_eq!(changes.start, next, "no change is skipped or comes twice");
            assert!(*at >= done, "and none is posted before those ahead of it are");
            (next, done) = (changes.end, *end);
        }
        assert!(run.posted.iter().any(|batch| batch.items.len() > 1), "messages come together");
    }

    #[test]
    fn all_shards_together_leave_a_tenth_of_the_quota() {
        let outcome = four().run(80_000, 10);
        assert!(outcome.posts_per_second <= 9_000, "{outcome:?}");
        assert!(outcome.batch.is_some_and(|batch| batch >= 8 * SECOND), "{outcome:?}");
        assert!(outcome.keeps_up);
    }
}
