//! Formats the figures for people.

use std::fmt::{self, Display};
use std::time::Duration;

use emulator::gateway::live::{OUTBOX_BYTES, OUTBOX_MESSAGES, WRITE_TIMEOUT};

use super::stalled::{LONGEST, MOST_OWED};
use super::{CHANGES_PER_SECOND, CLIENTS, Crowd, MOST_MEDIAN, MOST_MEMORY, MOST_RATIO};
use super::{Run, Stalled, Tally};
use crate::costs::table::{Table, row, thousands};

/// Writes the figures beside their limits.
pub(super) fn write(crowd: &Crowd, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let build = if cfg!(debug_assertions) { "Debug build" } else { "Release build" };
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    writeln!(
        f,
        "{CLIENTS} clients, each somebody else, hear {CHANGES_PER_SECOND} changes a second,"
    )?;
    writeln!(
        f,
        "made over HTTP. {build} on {processors} processors, the runner a process and its"
    )?;
    writeln!(
        f,
        "clients another; tables in memory: nothing is synced, there is no `synchronous`.\n"
    )?;
    runs(crowd).fmt(f)?;
    writeln!(
        f,
        "\nA client that reads nothing is closed when {OUTBOX_MESSAGES} messages or {} KB wait for it,",
        kilobytes(OUTBOX_BYTES)
    )?;
    writeln!(f, "or when it has not taken within {} s what does.\n", WRITE_TIMEOUT.as_secs())?;
    limits(crowd).fmt(f)
}

/// Returns a table with a row for each run.
fn runs(crowd: &Crowd) -> Table {
    let heading = row([
        "from the HTTP answer to the frame",
        "p50 ms",
        "p99 ms",
        "most ms",
        "heard",
        "runner's CPU",
        "clients' CPU",
        "others' CPU",
        "runner's MB",
    ]);
    let mut rows = vec![heading, run("all read", &crowd.long)];
    for [without, with] in &crowd.pairs {
        rows.push(run("all read", without));
        rows.push(run("one reads nothing", with));
    }
    Table(rows)
}

fn run(name: &str, run: &Run) -> Vec<String> {
    let share = |at: usize| {
        run.processors.map_or_else(|| "?".to_owned(), |used| format!("{:.0} %", used[at] * 100.0))
    };
    vec![
        format!("{} s, {} changes, {name}", run.length.as_secs(), thousands(run.changes as u64)),
        millis(run.quantile(0.5)),
        millis(run.quantile(0.99)),
        millis(run.quantile(1.0)),
        thousands(run.tally.right as u64),
        share(0),
        share(1),
        share(2),
        run.memory.map_or_else(|| "?".to_owned(), megabytes),
    ]
}

/// Returns a table with a row for each promise.
fn limits(crowd: &Crowd) -> Table {
    let Tally { lost, repeated, disordered, unknown, .. } = sum(crowd);
    let memory =
        crowd.memory().map_or_else(|| "unknown: no /proc on this system".to_owned(), megabytes);
    let mut rows = vec![
        row(["promised", "measured", "at most"]),
        row(["lost", &lost.to_string(), "0"]),
        row(["heard twice", &repeated.to_string(), "0"]),
        row(["received out of version order", &disordered.to_string(), "0"]),
        row(["received but never committed", &unknown.to_string(), "0"]),
        row(["p50, in ms", &millis(crowd.long.quantile(0.5)), &millis(MOST_MEDIAN)]),
        row([
            "p99 with a client that reads nothing / without it, median of five",
            &format!("{:.2}", crowd.ratio()),
            &format!("{MOST_RATIO:.2}"),
        ]),
        row([
            "memory held for a client that reads nothing, in MB",
            &memory,
            &megabytes(MOST_MEMORY),
        ]),
    ];
    rows.extend(endings(crowd));
    Table(rows)
}

/// Returns the rows about the clients that read nothing, with the worst outcome of the five.
fn endings(crowd: &Crowd) -> [Vec<String>; 3] {
    let all = || crowd.stalled();
    let closed = all().filter(|it| it.closed.is_some()).count().to_string();
    let after = all().filter_map(|it| it.closed).max().unwrap_or_default();
    let longer = all().filter_map(Stalled::after_full).max().unwrap_or_default();
    let owed = all().map(|it| it.owed).max().unwrap_or_default();
    [
        row(["clients that read nothing: closed", &closed, ""]),
        row([
            &format!("  s after their sockets were full ({} s in all)", seconds(after)),
            &seconds(longer),
            &seconds(LONGEST),
        ]),
        row(["  KB waiting for them", &kilobytes(owed), &kilobytes(MOST_OWED)]),
    ]
}

/// Returns the promises that were not kept.
pub(super) fn faults(crowd: &Crowd) -> Vec<String> {
    let mut faults = Vec::new();
    let mut promise = |kept: bool, fault: &str| {
        if !kept {
            faults.push(fault.to_owned());
        }
    };
    promise(sum(crowd).is_whole(), "an event was lost, repeated or out of order");
    promise(crowd.long.quantile(0.5) <= MOST_MEDIAN, "the median is over its limit");
    promise(crowd.ratio() <= MOST_RATIO, "a client that reads nothing delays the others");
    promise(
        crowd.stalled().all(Stalled::is_bounded),
        "a client that reads nothing is not closed in time",
    );
    promise(
        crowd.memory().is_none_or(|memory| memory <= MOST_MEMORY),
        "a client that reads nothing holds too much memory",
    );
    faults
}

fn sum(crowd: &Crowd) -> Tally {
    let runs = crowd.pairs.iter().flatten().chain([&crowd.long]);
    runs.fold(Tally::default(), |sum, run| sum + run.tally)
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

fn seconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64())
}

fn megabytes(bytes: u64) -> String {
    (bytes >> 20).to_string()
}

fn kilobytes(bytes: usize) -> String {
    (bytes >> 10).to_string()
}
