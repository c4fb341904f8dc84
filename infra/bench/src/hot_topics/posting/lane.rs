//! The posts of one lane, in rounds: each round tries those that the last one left.

use crate::hot_topics::Micros;
use crate::hot_topics::assumptions::{CALM, PAUSE};
use crate::hot_topics::chance::Chance;
use crate::hot_topics::pace::Pace;

/// A try of a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Try {
    pub(super) post: usize,
    /// The number of tries that failed for this connection alone.
    pub(super) strikes: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Lane {
    pace: Pace,
    /// The time at which the processor is free.
    free: Micros,
    /// The number of posts that were not tried yet, and the time after which none is.
    fresh: usize,
    until: Micros,
    /// The tries of this round, and those of the next one.
    now: Vec<Try>,
    again: Vec<Try>,
    round: u32,
    pub(super) under_way: usize,
    slowed_at: Option<Micros>,
}

impl Lane {
    pub(super) const fn new(rate: u64, posts: usize, until: Micros) -> Self {
        Self {
            pace: Pace::new(rate),
            free: 0,
            fresh: posts,
            until,
            now: Vec::new(),
            again: Vec::new(),
            round: 0,
            under_way: 0,
            slowed_at: None,
        }
    }

    /// Starts the next try of this round, if there is one; `post` is the number of a new post.
    pub(super) fn start(&mut self, post: usize, at: Micros) -> Option<Try> {
        let of = if self.fresh > 0 && at <= self.until {
            self.fresh -= 1;
            Try { post, strikes: 0 }
        } else {
            self.now.pop()?
        };
        self.under_way += 1;
        Some(of)
    }

    /// Waits for the processor and for the pace. Returns the time at which a request is sent.
    pub(super) fn wait(&mut self, at: Micros, busy: Micros) -> Micros {
        self.free = self.pace.book(at.max(self.free)) + busy;
        self.free
    }

    pub(super) fn slow(&mut self, at: Micros) {
        self.slowed_at = Some(at);
        self.pace.slow(at);
    }

    /// True if the lane was slowed down a moment before `at`: failures then count for the account.
    pub(super) fn is_throttled(&self, at: Micros) -> bool {
        self.slowed_at.is_some_and(|slowed| at < slowed + CALM)
    }

    /// Ends a try, which may have to be made again. Returns the pause before the next one, which
    /// there is if this try was the last one of its round.
    pub(super) fn end(&mut self, again: Option<Try>, chance: &mut Chance) -> Micros {
        self.again.extend(again);
        self.under_way -= 1;
        if self.under_way > 0 || self.again.is_empty() || self.fresh > 0 || !self.now.is_empty() {
            return 0;
        }
        std::mem::swap(&mut self.now, &mut self.again);
        let (first, last) = PAUSE;
        let longest = (first << self.round.min(16)).min(last);
        self.round += 1;
        longest / 2 + chance.below(longest / 2)
    }
}
