//! One run: a runner, its clients, and changes for a given time.

use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::gathering::{Gathering, person};
use super::process::{Process, all_processor_seconds, own_processor_seconds};
use super::stalled::{Stalled, Stalling};
use super::tally::{Tally, tally};
use super::{CLIENTS, CrowdError, load};

/// The result of a run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The time during which changes were made.
    pub length: Duration,
    pub changes: usize,
    pub tally: Tally,
    /// The times from each change's response to its arrival at each client, sorted.
    pub times: Vec<Duration>,
    /// The average number of processors kept busy by the runner, by its clients, and by
    /// everything else on this machine; `None` where there is no `/proc`.
    pub processors: Option<[f64; 3]>,
    /// The runner's peak memory, in bytes; `None` where there is no `/proc`.
    pub memory: Option<u64>,
    /// The outcome of the client that reads nothing, if there was one.
    pub stalled: Option<Stalled>,
}

impl Run {
    /// Starts a runner and its clients, and makes changes for `length`; one of the clients reads
    /// nothing if `stalls`.
    pub(super) async fn new(
        template: &Path,
        length: Duration,
        stalls: bool,
    ) -> Result<Self, CrowdError> {
        let runner = Process::start(template).await?;
        let nobody = runner.person("");
        let dispatcher = person(&nobody, "ops", "dispatcher").await?;
        let readers = CLIENTS - usize::from(stalls);
        let readers = Gathering::of(&nobody, readers).await?;
        let stalling =
            if stalls { Some(Stalling::begin(&nobody, CLIENTS - 1).await?) } else { None };

        let (start, before) = (Instant::now(), processor_seconds(&runner));
        let made = load::make(&dispatcher, length).await?;
        let after = processor_seconds(&runner);
        let elapsed = start.elapsed().as_secs_f64();
        let received = readers.received(made.len()).await?;
        let stalled = match (stalling, received.last()) {
            (Some(stalling), Some(other)) => Some(stalling.end(start, other).await?),
            _ => None,
        };
        let (tally, times) = tally(&made, &received);
        let used = before.zip(after);
        let processors =
            used.map(|(before, after)| [0, 1, 2].map(|at| (after[at] - before[at]) / elapsed));
        let (changes, memory) = (made.len(), runner.peak_memory());
        Ok(Self { length, changes, tally, times, processors, memory, stalled })
    }

    /// Returns the time within which this share of the changes arrived: `0.5` for the median.
    pub fn quantile(&self, share: f64) -> Duration {
        quantile(&self.times, share)
    }
}

/// Returns the time within which this share of sorted times are.
pub(crate) fn quantile(times: &[Duration], share: f64) -> Duration {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a few hundred thousand"
    )]
    let rank = (share * times.len() as f64).ceil() as usize;
    times.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn processor_seconds(runner: &Process) -> Option<[f64; 3]> {
    let (runner, own) = (runner.processor_seconds()?, own_processor_seconds()?);
    Some([runner, own, all_processor_seconds()? - runner - own])
}
