//! A lane whose batches are posted to connections.

use std::ops::Range;

use super::Micros;
use super::assumptions::{CHANGES_PER_POST, HEADS_TIME, reading};
use super::lane::{Batch, Lane};
use super::pace::Pace;
use super::rounds::{Round, Rounds};

/// A lane whose function posts to these connections.
#[derive(Clone, Copy, Debug)]
pub(super) struct Push<'a> {
    pub(super) lane: Lane,
    pub(super) rounds: &'a Rounds,
    /// The posts a second of the lane.
    pub(super) rate: u64,
    pub(super) connections: usize,
}

/// The batches of a lane, and the posts of those that were completed.
#[derive(Debug)]
pub(super) struct Pushes {
    pub(super) batches: Vec<Batch>,
    pub(super) pushed: Vec<Pushed>,
    /// The number of changes in the largest batch, completed or not.
    pub(super) largest: usize,
}

/// Changes that were posted together.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    pub(super) changes: Range<usize>,
    pub(super) start: Micros,
    /// The time of the first post; `start` and `end` are the times of the whole batch.
    pub(super) at: Micros,
    pub(super) end: Micros,
    pub(super) posts: usize,
    pub(super) round: Round,
}

impl Push<'_> {
    /// Posts the items that arrive at these times. `changes` returns the changes that a batch's
    /// items consist of, and may remove items from the end of the batch.
    pub(super) fn make(
        &self,
        arrivals: &[Micros],
        mut changes: impl FnMut(&mut Range<usize>) -> Range<usize>,
    ) -> Pushes {
        let Self { lane, rounds, rate, connections } = *self;
        let before = HEADS_TIME + reading(connections);
        let within = lane.timeout.saturating_sub(before);
        let (mut posted, mut largest, mut pace) = (Vec::new(), 0, Pace::new(rate));
        let batches = lane.work(arrivals, |start, items| {
            let changes = changes(items);
            largest = largest.max(changes.len());
            let posts = connections * changes.len().div_ceil(CHANGES_PER_POST);
            let mut booked = pace;
            let waits = booked.book_all(start + before, posts);
            let round = rounds.get(posted.len(), posts, within, waits)?;
            pace = booked;
            let length = before + round.length;
            posted.push((changes, posts, round));
            Some(length)
        });
        let done = batches.iter().filter(|batch| batch.is_done);
        let pushed = done.zip(posted).map(|(&Batch { start, end, .. }, posted)| {
            let (changes, posts, round) = posted;
            Pushed { changes, start, at: start + before, end, posts, round }
        });
        Pushes { pushed: pushed.collect(), batches, largest }
    }
}
