//! The design with a queue: each lane of the relay sends its batches to a FIFO queue once for
//! each shard of the connections, and a function for each shard posts.

use std::ops::Range;

use super::assumptions::{
    CHANGES_PER_POST, HEADS_TIME, HOP, LENGTH, MESSAGES, POLL, RESERVE, SENDING, commits, has_room,
};
use super::lane::Lane;
use super::outcome::{Lanes, Outcome};
use super::push::{Push, Pushes};
use super::rounds::Rounds;
use super::{Micros, Relay, SECOND};

/// The design with a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sharded<'a> {
    /// The functions of the shards have this memory and this timeout.
    pub(super) relay: Relay,
    /// The rounds of an invocation with this memory.
    pub(super) rounds: &'a Rounds,
    /// The number of shards of the stream.
    pub(super) lanes: usize,
    /// The number of shards of the connections.
    pub(super) shards: usize,
    /// The posts a second of each shard of the connections.
    pub(super) rate: u64,
}

/// The time during which a lane of the relay gathers changes if a batch is not full: an
/// invocation of a shard gets at most ten messages.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>
const WINDOW: Micros = 2 * SECOND;

/// The messages for one shard.
struct Messages {
    /// The times at which they can be received, in order.
    arrivals: Vec<Micros>,
    /// The times of the changes' commits, in the order of the messages.
    commits: Vec<Micros>,
    /// The number of changes up to and with each message.
    ends: Vec<usize>,
    /// True if every lane of the relay keeps up.
    keeps_up: bool,
}

impl Sharded<'_> {
    /// Simulates `connections` connections and `rate` changes a second.
    pub(super) fn run(&self, connections: usize, rate: u64) -> Outcome {
        let connections = connections.div_ceil(self.shards);
        let messages = self.relay(&commits(rate));
        let (made, keeps_up) = self.shard(connections, &messages);
        let lanes = Lanes { count: self.shards, connections, memory: self.relay.memory };
        let keeps_up = keeps_up && messages.keeps_up && has_room(self.rate, connections, rate);
        Outcome::of(lanes, &messages.commits, &made, keeps_up)
    }

    /// Simulates the relay's messages to a shard. Changes are spread evenly over the lanes.
    fn relay(&self, commits: &[Micros]) -> Messages {
        let Relay { batch_size, timeout, .. } = self.relay;
        let lane = Lane { most: batch_size, poll: POLL, window: WINDOW, timeout, until: LENGTH };
        let mut keeps_up = true;
        let mut sent: Vec<(Micros, Vec<Micros>)> = Vec::new();
        for first in 0..self.lanes.min(commits.len()) {
            let own: Vec<_> = commits[first..].iter().copied().step_by(self.lanes).collect();
            let batches = lane.work(&own, |_, _| Some(HEADS_TIME + SENDING));
            keeps_up &= lane.keeps_up(&own, &batches);
            sent.extend(batches.into_iter().map(|it| (it.end + HOP, own[it.items].to_vec())));
        }
        sent.sort();
        let mut end = 0;
        let ends = sent.iter().map(|(_, changes)| {
            end += changes.len();
            end
        });
        Messages {
            ends: ends.collect(),
            arrivals: sent.iter().map(|(at, _)| *at).collect(),
            commits: sent.into_iter().flat_map(|(_, changes)| changes).collect(),
            keeps_up,
        }
    }

    /// Simulates the work of one shard; all shards are alike. The flag is true if it keeps up.
    fn shard(&self, connections: usize, messages: &Messages) -> (Pushes, bool) {
        let timeout = self.relay.timeout.saturating_sub(RESERVE);
        let lane = Lane { most: MESSAGES, poll: 1, window: 0, timeout, until: LENGTH };
        let changes = |of: &Range<usize>| {
            let before = of.start.checked_sub(1).map_or(0, |last| messages.ends[last]);
            before..messages.ends[of.end - 1]
        };
        let push = Push { lane, rounds: self.rounds, rate: self.rate, connections };
        let made = push.make(&messages.arrivals, |of| {
            while of.len() > 1 && changes(of).len() > CHANGES_PER_POST {
                of.end -= 1;
            }
            changes(of)
        });
        let keeps_up = lane.keeps_up(&messages.arrivals, &made.batches);
        (made, keeps_up)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hot_topics::push::Pushed;

    fn run<T>(test: impl FnOnce(Sharded<'_>) -> T) -> T {
        let relay = Relay { batch_size: 100, timeout: 60 * SECOND, memory: 1_769 };
        let rounds = Rounds::new(relay.memory, relay.timeout);
        test(Sharded { relay, rounds: &rounds, lanes: 4, shards: 4, rate: 1_250 })
    }

    #[test]
    fn a_connection_hears_changes_in_the_order_of_the_messages_and_each_once() {
        let (messages, made) = run(|it| {
            let messages = it.relay(&commits(5));
            let (made, _) = it.shard(5_000, &messages);
            (messages, made)
        });
        let mut of_lane = messages.commits.clone();
        of_lane.sort_unstable();
        assert_eq!(of_lane[..1_480], commits(5)[..1_480], "every change is in one message");
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
    fn all_shards_together_keep_to_their_pace() {
        let outcome = run(|it| it.run(40_000, 2));
        assert!((4_500..=5_000).contains(&outcome.posts_per_second), "{outcome:?}");
        assert!(outcome.batch.is_some_and(|batch| batch >= 7 * SECOND), "{outcome:?}");
        assert!(outcome.keeps_up);
    }
}
