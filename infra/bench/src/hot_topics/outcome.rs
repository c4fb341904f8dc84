//! The result of a run.

use super::assumptions::{LENGTH, memory};
use super::push::{Pushed, Pushes};
use super::{Micros, SECOND};

/// The result of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// How long a batch took, on average; none if none was done.
    pub(super) batch: Option<Micros>,
    /// From a commit until a connection has it: the median, and what one of a hundred passes.
    pub(super) delay: [Micros; 2],
    pub(super) posts_per_second: u64,
    /// How often a batch came again because its time was up.
    pub(super) timeouts: usize,
    /// How much memory the largest batch takes, in MB.
    pub(super) memory: usize,
    /// Whether no more waits at the end than the next batch takes.
    pub(super) keeps_up: bool,
    /// Whether the function has the memory.
    pub(super) fits: bool,
}

/// A number of identical lanes: so many lanes that are alike.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes {
    pub(super) count: usize,
    /// How many connections each has.
    pub(super) connections: usize,
    /// How much memory each has, in MB.
    pub(super) memory: usize,
}

/// How many changes of a batch are looked at.
const SAMPLE: usize = 5;

impl Outcome {
    /// Of what one of the lanes did with changes that were made at these times.
    pub(super) fn of(lanes: Lanes, commits: &[Micros], made: &Pushes, keeps_up: bool) -> Self {
        let Pushes { batches, pushed, largest } = made;
        let lengths: Micros = pushed.iter().map(|it| it.end - it.start).sum();
        let posts: usize = pushed.iter().map(|it| it.posts).sum();
        let end = pushed.last().map_or(LENGTH, |last| last.end.max(LENGTH));
        let memory = memory(lanes.connections, *largest);
        Self {
            batch: lengths.checked_div(pushed.len() as Micros),
            delay: delay(commits, pushed),
            posts_per_second: (posts * lanes.count) as u64 * SECOND / end,
            timeouts: batches.iter().filter(|batch| !batch.is_done).count(),
            memory,
            keeps_up,
            fits: memory <= lanes.memory,
        }
    }

    /// Whether 99 of 100 hear within this time, however long it lasts.
    pub(super) fn is_within(&self, time: Micros) -> bool {
        self.fits && self.keeps_up && self.delay[1] <= time
    }
}

fn delay(commits: &[Micros], pushed: &[Pushed]) -> [Micros; 2] {
    let mut delays = Vec::new();
    for Pushed { changes, at, round, .. } in pushed {
        for change in changes.clone().step_by(changes.len().div_ceil(SAMPLE)) {
            delays.extend(round.sample.iter().map(|done| at + done - commits[change]));
        }
    }
    delays.sort_unstable();
    let rank =
        |percent: usize| delays.get((delays.len() * percent).div_ceil(100).saturating_sub(1));
    [50, 99].map(|percent| rank(percent).copied().unwrap_or_default())
}
