//! The outcome of a simulated run.

use super::assumptions::{LENGTH, memory};
use super::push::{Pushed, Pushes};
use super::{Micros, SECOND};

/// The outcome of a simulated run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outcome {
    /// The average duration of a batch; `None` if no batch was completed.
    pub(super) batch: Option<Micros>,
    /// The time from a commit to its arrival at a connection: the median and the 99th percentile.
    pub(super) delay: [Micros; 2],
    pub(super) posts_per_second: u64,
    /// The number of batches that were given back because their time was up, and retried.
    pub(super) timeouts: usize,
    /// The memory of the largest batch, in MB.
    pub(super) memory: usize,
    /// True if no batch was given back, and no more items wait at the end than one more batch
    /// takes.
    pub(super) keeps_up: bool,
    /// True if the function has enough memory.
    pub(super) fits: bool,
}

/// A number of identical lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lanes {
    pub(super) count: usize,
    /// The number of connections of each lane.
    pub(super) connections: usize,
    /// The memory of each lane's function, in MB.
    pub(super) memory: usize,
}

/// The maximum number of changes of a batch that are sampled.
const SAMPLE: usize = 5;

impl Outcome {
    /// Returns the outcome of all lanes. `made` is the work of one of them on changes that were
    /// committed at these times.
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

    /// Returns true if 99 of 100 changes arrive within this time, however long the load lasts.
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
