//! A runner in a process of its own, so that its resource usage is measured apart from its
//! clients'.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use tokio::task::spawn_blocking;

use super::CrowdError;
use crate::costs::client::Person;

/// The unit of processor times in `/proc`: hundredths of a second.
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
const TICKS_PER_SECOND: f64 = 100.0;

/// A runner with its tables in memory; dropping it kills the process.
pub(crate) struct Process {
    child: Child,
    http_url: String,
    live_url: String,
    /// The runner's standard output, kept open because a runner that cannot print exits.
    banner: BufReader<ChildStdout>,
}

impl Process {
    /// Starts this executable again, as a runner on a free port.
    pub(crate) async fn start(template: &Path) -> Result<Self, CrowdError> {
        let template = template.to_owned();
        spawn_blocking(move || Self::start_blocking(&template)).await?
    }

    fn start_blocking(template: &Path) -> Result<Self, CrowdError> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["runner", "--memory", "--port", "0", "--template"])
            .arg(template)
            .env_remove("DYNAMODB_ENDPOINT")
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let stdout = child.stdout.take().ok_or(CrowdError::NotStarted)?;
        let (http_url, live_url) = (String::new(), String::new());
        let mut process = Self { child, http_url, live_url, banner: BufReader::new(stdout) };
        process.http_url = process.announced("HTTP")?;
        process.live_url = process.announced("WebSocket")?;
        Ok(process)
    }

    /// Returns the value that the banner prints after `name`.
    fn announced(&mut self, name: &str) -> Result<String, CrowdError> {
        let mut line = String::new();
        while self.banner.read_line(&mut line)? > 0 {
            if let Some(url) = line.trim().strip_prefix(name) {
                return Ok(url.trim().to_owned());
            }
            line.clear();
        }
        Err(CrowdError::NotStarted)
    }

    /// Returns a client with this token.
    pub(crate) fn person(&self, token: &str) -> Person {
        Person::at(self.http_url.clone(), self.live_url.clone(), token)
    }

    /// Returns the peak memory of the process, in bytes; `None` where there is no `/proc`.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
        Some(kilobytes * 1024)
    }

    /// Returns the processor time of the process, in seconds; `None` where there is no `/proc`.
    pub(super) fn processor_seconds(&self) -> Option<f64> {
        processor_seconds(&self.child.id().to_string())
    }
}

/// Returns the processor time of the current process, in seconds.
pub(super) fn own_processor_seconds() -> Option<f64> {
    processor_seconds("self")
}

/// Returns the processor time of everything on this machine, in seconds.
/// <https://man7.org/linux/man-pages/man5/proc_stat.5.html>
pub(super) fn all_processor_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    let times = stat.lines().next()?.split_whitespace().skip(1).take(8);
    let ticks: Vec<f64> = times.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [user, nice, system, _idle, _waiting, interrupts @ ..] = &ticks[..] else { return None };
    Some((user + nice + system + interrupts.iter().sum::<f64>()) / TICKS_PER_SECOND)
}

fn processor_seconds(process: &str) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The second field is the program's name and may contain any characters; the fourteenth and
    // fifteenth are the times in user and in kernel mode.
    let (_, after_name) = stat.rsplit_once(')')?;
    let times = after_name.split_whitespace().skip(11).take(2);
    let ticks: Option<Vec<f64>> = times.map(|ticks| ticks.parse().ok()).collect();
    Some(ticks?.iter().sum::<f64>() / TICKS_PER_SECOND)
}

impl Drop for Process {
    /// Kills the process at once: its tables are in memory, so there is nothing to save.
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _reaped = self.child.wait();
    }
}
