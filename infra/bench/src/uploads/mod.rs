//! Measures uploads of positions: 1,000 drivers who send six fixes each five seconds for a minute, 200
//! of them followed by somebody over WebSocket.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

mod driver;
mod follower;

use self::driver::Sent;
use self::follower::Moved;
use crate::costs::ClientError;
use crate::costs::table::{Table, row, thousands};
use crate::crowd::process::Process;
use crate::crowd::{CrowdError, person, quantile};

/// The number of drivers.
const DRIVERS: u32 = 1_000;
/// The number of drivers whose orders are followed.
const FOLLOWED: u32 = 200;
/// The time between two uploads of a driver.
const EVERY: Duration = Duration::from_secs(5);
/// The number of fixes of an upload.
const FIXES: u32 = 6;
/// The duration of the measurement.
const LENGTH: Duration = Duration::from_mins(1);
/// The time to wait for the last frame of a driver.
const LAST_FRAME: Duration = Duration::from_secs(2);

/// The maximum 99th percentile of the times of uploads.
const MOST_P99: Duration = Duration::from_millis(100);
/// The maximum median of the times from an upload to the frame about it.
const MOST_MEDIAN: Duration = Duration::from_millis(100);

/// The measurements of uploads.
#[derive(Clone, Debug, Default)]
pub struct Uploads {
    /// The number of fixes that were sent, of those that were accepted, and of those in tracks.
    pub fixes: [usize; 3],
    /// The times of the uploads, sorted.
    pub times: Vec<Duration>,
    /// The times from the beginning of an upload to the frame with its last fix, sorted.
    pub delays: Vec<Duration>,
    /// The number of uploads of drivers who are followed.
    pub followed: usize,
    /// The runner's memory before the uploads and its peak, in bytes; `None` where there is no `/proc`.
    pub memory: Option<[u64; 2]>,
}

impl Uploads {
    /// Measures for about two minutes, with a runner of its own.
    pub async fn measure(template: &Path) -> Result<Self, CrowdError> {
        let runner = Process::start(template).await?;
        let nobody = runner.person("");
        let ops = person(&nobody, "ops", "dispatcher").await?;
        let drivers = driver::all_of(&ops, &nobody, DRIVERS).await?;
        let followers = follower::of(&nobody, &ops, &drivers, FOLLOWED).await?;
        let before = runner.peak_memory();
        // The first fixes are of the five seconds before, and of the duty.
        let start = Instant::now() + EVERY;
        let sending = (0..).zip(drivers.iter()).map(|(nth, driver)| {
            let first = start + EVERY * nth / DRIVERS;
            driver.send(first, start + LENGTH)
        });
        let sent: Vec<Vec<Sent>> = try_join_all(sending).await?;
        let mut moved = Vec::new();
        for (follower, sent) in followers.into_iter().zip(&sent) {
            let last = sent.last().map(|sent| sent.last);
            moved.extend(follower.heard_until(last).await?);
        }
        let memory = before.zip(runner.peak_memory()).map(|(before, after)| [before, after]);
        let kept = driver::kept(&drivers).await?;
        Ok(Self { memory, ..Self::of(&sent, &moved, kept) })
    }

    fn of(sent: &[Vec<Sent>], moved: &[Moved], kept: usize) -> Self {
        let all = || sent.iter().flatten();
        let accepted = all().map(|sent| sent.accepted).sum();
        let mut times: Vec<_> = all().map(|sent| sent.took).collect();
        times.sort_unstable();
        let followed: Vec<_> = sent.iter().take(FOLLOWED as usize).collect();
        let mut delays: Vec<_> = moved
            .iter()
            .filter_map(|moved| {
                let sent = followed.get(moved.driver)?.iter().find(|sent| sent.last == moved.at)?;
                Some(moved.heard.saturating_duration_since(sent.began))
            })
            .collect();
        delays.sort_unstable();
        Self {
            fixes: [all().count() * FIXES as usize, accepted, kept],
            times,
            delays,
            followed: followed.iter().map(|sent| sent.len()).sum(),
            memory: None,
        }
    }

    /// Returns the promises that were not kept.
    pub fn faults(&self) -> Vec<String> {
        let [sent, accepted, kept] = self.fixes;
        let (p99, median) = (quantile(&self.times, 0.99), quantile(&self.delays, 0.5));
        let faults = [
            (accepted < sent || kept < accepted)
                .then(|| format!("{} fixes are lost", sent - kept.min(accepted))),
            (p99 > MOST_P99).then(|| format!("the 99th percentile of uploads is {p99:.0?}")),
            (median > MOST_MEDIAN || self.delays.is_empty())
                .then(|| format!("the median until a frame is {median:.0?}")),
        ];
        faults.into_iter().flatten().collect()
    }
}

/// Formats the figures beside their limits.
impl fmt::Display for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let build = if cfg!(debug_assertions) { "Debug build" } else { "Release build" };
        let [sent, accepted, kept] = self.fixes.map(|fixes| thousands(fixes as u64));
        let millis = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1_000.0);
        let megabytes = |bytes: u64| format!("{}", bytes / 1024 / 1024);
        writeln!(
            f,
            "{DRIVERS} drivers send {FIXES} fixes each {} s for {} s; {FOLLOWED} of them are followed.\n\
             {build}; tables in memory.\n",
            EVERY.as_secs(),
            LENGTH.as_secs(),
        )?;
        let mut rows = vec![
            row(["", "measured", "limit"]),
            row(["fixes sent", &sent, ""]),
            row(["fixes accepted", &accepted, &sent]),
            row(["fixes in tracks", &kept, &sent]),
            row(["an upload, p50 ms", &millis(quantile(&self.times, 0.5)), ""]),
            row(["an upload, p99 ms", &millis(quantile(&self.times, 0.99)), &millis(MOST_P99)]),
            row([
                "until the frame, p50 ms",
                &millis(quantile(&self.delays, 0.5)),
                &millis(MOST_MEDIAN),
            ]),
            row(["until the frame, p99 ms", &millis(quantile(&self.delays, 0.99)), ""]),
            row(["uploads of followed drivers", &thousands(self.followed as u64), ""]),
            row(["frames with their last fix", &thousands(self.delays.len() as u64), ""]),
        ];
        if let Some([before, after]) = self.memory {
            rows.push(row(["memory before, MB", &megabytes(before), ""]));
            rows.push(row(["memory at its peak, MB", &megabytes(after), ""]));
        }
        Table(rows).fmt(f)
    }
}

/// Returns an answer's field, or an error.
fn number(answer: &serde_json::Value, name: &str) -> Result<usize, ClientError> {
    let number = answer[name].as_u64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| ClientError::Complaint(answer.to_string()))
}
