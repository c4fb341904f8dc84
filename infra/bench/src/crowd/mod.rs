//! Pushing to a crowd: how long a change takes to reach 500 clients, each of
//! them somebody else, and whether one of them that reads nothing is felt by the others.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::task::JoinError;
use tokio_tungstenite::tungstenite;

use crate::costs::ClientError;

mod client;
mod gathering;
mod load;
mod process;
mod report;
mod run;
mod stalled;
mod tally;

pub use run::Run;
pub use stalled::Stalled;
pub use tally::Tally;

/// How many clients listen.
const CLIENTS: usize = 500;
/// How many changes are made in a second.
const CHANGES_PER_SECOND: u32 = 20;
/// How long they are made, to tell how long they take.
const LENGTH: Duration = Duration::from_mins(1);
/// How long they are made, to compare: enough for a client that reads nothing to be closed.
const SHORT_LENGTH: Duration = Duration::from_secs(20);
/// How often it is compared.
const PAIRS: usize = 5;

/// The most that the median may be.
const MOST_MEDIAN: Duration = Duration::from_millis(25);
/// The most that the 99th percentile beside a client that reads nothing may be, in
/// those without it.
const MOST_RATIO: f64 = 1.25;
/// The most memory that a client that reads nothing may cost, in bytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    /// The runner is not there.
    #[error("the runner did not start; see its output above")]
    NotStarted,
    /// The runner, or a socket, is not to be had.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The runner was not used as it should have been.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A client panicked.
    #[error(transparent)]
    Panic(#[from] JoinError),
}

impl From<tungstenite::Error> for CrowdError {
    fn from(error: tungstenite::Error) -> Self {
        ClientError::from(Box::new(error)).into()
    }
}

/// The measurements.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The long run.
    pub long: Run,
    /// Short runs, each without and then with a client that reads nothing.
    pub pairs: Vec<[Run; 2]>,
}

impl Crowd {
    /// Runs for about seven minutes, each run with a runner of its own.
    pub async fn measure(template: &Path) -> Result<Self, CrowdError> {
        let long = Run::new(template, LENGTH, false).await?;
        let mut pairs = Vec::new();
        for number in 1..=PAIRS {
            tracing::info!("comparing, {number} of {PAIRS}");
            let without = Run::new(template, SHORT_LENGTH, false).await?;
            pairs.push([without, Run::new(template, SHORT_LENGTH, true).await?]);
        }
        Ok(Self { long, pairs })
    }

    /// The others' 99th percentile with a client that reads nothing, in those
    /// without it: the median of the pairs.
    pub fn ratio(&self) -> f64 {
        let p99 = |run: &Run| run.quantile(0.99).as_secs_f64();
        let mut ratios: Vec<_> =
            self.pairs.iter().map(|[without, with]| p99(with) / p99(without)).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or_default()
    }

    /// How much more memory the runner took with a client that reads nothing, in
    /// bytes, in the pair where that is most; unknown where there is no `/proc`.
    pub fn memory(&self) -> Option<u64> {
        let more = self
            .pairs
            .iter()
            .map(|[without, with]| Some(with.memory?.saturating_sub(without.memory?)));
        more.collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Returns the outcome of each client that read nothing.
    pub fn stalled(&self) -> impl Iterator<Item = &Stalled> {
        self.pairs.iter().flatten().filter_map(|run| run.stalled.as_ref())
    }

    /// Returns the promises that were not kept.
    pub fn faults(&self) -> Vec<String> {
        report::faults(self)
    }
}

/// A table.
impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report::write(self, f)
    }
}
