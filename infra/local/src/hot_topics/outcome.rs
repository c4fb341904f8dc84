//! What came of a run.

use std::ops::Range;

use super::assumptions::LENGTH;
use super::posting::Round;
use super::{Micros, SECOND};

/// What came of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcome {
    /// How long a batch with posts took, on average; none if none was done.
    pub(super) batch: Option<Micros>,
    /// From a commit until a connection has it: the median, and what one of a hundred passes.
    pub(super) delay: [Micros; 2],
    /// All that the account was asked for in a second, on average.
    pub(super) posts_per_second: usize,
    /// Whether no more waits at the end than the next batch takes.
    pub(super) keeps_up: bool,
    /// How often a batch came again because its time was up.
    pub(super) timeouts: usize,
    /// How much memory the largest batch took, in MB.
    pub(super) memory: usize,
    /// Whether the function has so much.
    pub(super) fits: bool,
}

/// Changes that were posted together.
#[derive(Clone, Debug)]
pub(super) struct Delivered {
    pub(super) changes: Range<usize>,
    /// When the first post was made.
    pub(super) at: Micros,
    /// When the batch was begun, and when it was done.
    pub(super) start: Micros,
    pub(super) end: Micros,
    pub(super) posts: usize,
    pub(super) round: Round,
}

/// How many changes of a batch are looked at.
const SAMPLE: usize = 5;

impl Outcome {
    /// Of what was delivered by one lane of so many that are alike.
    pub(super) fn of(commits: &[Micros], delivered: &[Delivered], lanes: usize) -> Self {
        let lengths: Micros = delivered.iter().map(|it| it.end - it.start).sum();
        let posts: usize = delivered.iter().map(|it| it.posts).sum();
        let end = delivered.last().map_or(LENGTH, |last| last.end.max(LENGTH));
        Self {
            batch: lengths.checked_div(delivered.len() as Micros),
            delay: delay(commits, delivered),
            posts_per_second: posts * lanes * SECOND as usize / end as usize,
            ..Self::default()
        }
    }

    /// Whether 99 of 100 hear within this time, however long it lasts.
    pub(super) fn is_within(&self, time: Micros) -> bool {
        self.fits && self.keeps_up && self.delay[1] <= time
    }
}

fn delay(commits: &[Micros], delivered: &[Delivered]) -> [Micros; 2] {
    let mut delays = Vec::new();
    for Delivered { changes, at, round, .. } in delivered {
        for change in changes.clone().step_by(changes.len().div_ceil(SAMPLE)) {
            delays.extend(round.sample.iter().map(|done| at + done - commits[change]));
        }
    }
    delays.sort_unstable();
    let rank =
        |percent: usize| delays.get((delays.len() * percent).div_ceil(100).saturating_sub(1));
    [50, 99].map(|percent| rank(percent).copied().unwrap_or_default())
}
