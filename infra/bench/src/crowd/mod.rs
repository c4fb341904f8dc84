//! Measures live delivery to a crowd: the time that a change takes to reach 500 clients, each of
//! them a different principal, and the effect on the others of a client that reads nothing.

use std::fmt;
use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::task::JoinError;
use tokio_tungstenite::tungstenite;

use crate::costs::ClientError;

pub(crate) mod client;
mod gathering;
mod load;
pub(crate) mod process;
mod report;
mod run;
mod stalled;
mod tally;

pub(crate) use gathering::person;
pub use run::Run;
pub(crate) use run::quantile;
pub use stalled::Stalled;
pub use tally::Tally;

/// The number of clients.
const CLIENTS: usize = 500;
const CHANGES_PER_SECOND: u32 = 20;
/// The duration of the run that measures delivery times.
const LENGTH: Duration = Duration::from_mins(1);
/// The duration of the runs that are compared: long enough for a client that reads nothing to be
/// closed.
const SHORT_LENGTH: Duration = Duration::from_secs(20);
/// The number of comparisons.
const PAIRS: usize = 5;

/// The maximum median of the delivery times.
const MOST_MEDIAN: Duration = Duration::from_millis(25);
/// The maximum 99th percentile with a client that reads nothing, as a multiple of the one without
/// that client.
const MOST_RATIO: f64 = 1.25;
/// The maximum memory that a client that reads nothing may cost, in bytes.
const MOST_MEMORY: u64 = 64 * 1024 * 1024;

/// The error of a measurement.
#[derive(Debug, thiserror::Error)]
pub enum CrowdError {
    #[error("the runner did not start; see its output above")]
    NotStarted,
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Panic(#[from] JoinError),
}

impl From<tungstenite::Error> for CrowdError {
    fn from(error: tungstenite::Error) -> Self {
        ClientError::from(Box::new(error)).into()
    }
}

/// The measurements of live delivery.
#[derive(Clone, Debug)]
pub struct Crowd {
    /// The long run, in which all clients read.
    pub long: Run,
    /// The short runs in pairs: first without, then with a client that reads nothing.
    pub pairs: Vec<[Run; 2]>,
}

impl Crowd {
    /// Measures for about seven minutes; each run has a runner of its own.
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

    /// Returns the other clients' 99th percentile with a client that reads nothing, as a multiple
    /// of the one without it: the median of the pairs.
    pub fn ratio(&self) -> f64 {
        let p99 = |run: &Run| run.quantile(0.99).as_secs_f64();
        let mut ratios: Vec<_> =
            self.pairs.iter().map(|[without, with]| p99(with) / p99(without)).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or_default()
    }

    /// Returns the additional memory of the runner with a client that reads nothing, in bytes:
    /// the maximum of the pairs, or `None` where there is no `/proc`.
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

/// Formats the figures beside their limits.
impl fmt::Display for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        report::write(self, f)
    }
}
