//! Formats the figures as tables in Markdown.

use super::inline::Inline;
use super::outcome::Outcome;
use super::sharded::Sharded;
use super::{Micros, SECOND};
use crate::costs::table::thousands;

/// The numbers of connections that are simulated.
const CONNECTIONS: [usize; 7] = [100, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000];

/// The rates that are simulated, in changes of the topic per second.
const RATES: [u64; 3] = [1, 10, 100];

/// The times within which 99 of 100 changes must arrive: for a person who watches, for the alarm
/// `RelayBehind`, and at all.
const WITHIN: [(&str, Micros); 3] =
    [("5 s", 5 * SECOND), ("30 s", 30 * SECOND), ("ever", Micros::MAX)];

/// A design of the relay.
#[derive(Clone, Copy, Debug)]
pub(super) enum Design<'a> {
    Inline(Inline<'a>),
    Sharded(Sharded<'a>),
}

impl Design<'_> {
    fn run(&self, connections: usize, rate: u64) -> Outcome {
        match self {
            Self::Inline(inline) => inline.run(connections, rate),
            Self::Sharded(sharded) => sharded.run(connections, rate),
        }
    }

    /// Returns the maximum number of connections with which the design delivers in time, in steps
    /// of 50.
    fn most(&self, rate: u64, within: Micros) -> usize {
        const STEP: usize = 50;
        let (mut fit, mut too_many) = (0, 16_384);
        while too_many - fit > 1 {
            let middle = usize::midpoint(fit, too_many);
            let is_within = self.run(middle * STEP, rate).is_within(within);
            *(if is_within { &mut fit } else { &mut too_many }) = middle;
        }
        fit * STEP
    }

    /// Returns a table with a row for each number of connections and each rate.
    pub(super) fn outcomes(&self) -> String {
        let heading = [
            "connections",
            "changes/s",
            "a batch, s",
            "p50, s",
            "p99, s",
            "posts/s",
            "MB",
            "given back",
            "",
        ];
        let cases = CONNECTIONS.iter().flat_map(|n| RATES.map(|rate| (*n, rate)));
        let rows = cases.map(|(connections, rate)| {
            let outcome = self.run(connections, rate);
            let [p50, p99] = outcome.delay.map(seconds);
            let is_stuck = outcome.timeouts > 0;
            let or_never = |time| if is_stuck { "never".to_owned() } else { time };
            vec![
                number(connections),
                rate.to_string(),
                or_never(outcome.batch.map(seconds).unwrap_or_default()),
                or_never(p50),
                or_never(p99),
                if is_stuck { String::new() } else { thousands(outcome.posts_per_second) },
                number(outcome.memory),
                number(outcome.timeouts),
                verdict(&outcome).to_owned(),
            ]
        });
        markdown(&heading, rows)
    }
}

/// Returns a table of the number of connections that each design serves, by the rate of changes.
pub(super) fn most(designs: &[(String, Design<'_>)]) -> String {
    let heading = ["", "99 of 100 within", "1 change/s", "10 changes/s", "100 changes/s"];
    let cases = designs.iter().flat_map(|design| WITHIN.map(|within| (design, within)));
    let rows = cases.map(|((name, design), (text, within))| {
        let most = RATES.map(|rate| number(design.most(rate, within)));
        [vec![name.clone(), text.to_owned()], most.into()].concat()
    });
    markdown(&heading, rows)
}

const fn verdict(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome { fits: false, .. } => "has too little memory",
        Outcome { timeouts: 1.., .. } => "is stuck",
        Outcome { keeps_up: false, .. } => "falls behind",
        Outcome { .. } => "keeps up",
    }
}

pub(super) fn markdown(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heading: Vec<_> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(heading.len()));
    let rows: String = rows.map(|row| line(&row)).collect();
    format!("{}{rule}{rows}", line(&heading))
}

pub(super) fn number(count: usize) -> String {
    thousands(count as u64)
}

/// Formats a time in seconds, with two decimal places: `1.25`.
pub(super) fn seconds(time: Micros) -> String {
    hundredths((time + SECOND / 200) / (SECOND / 100))
}

/// Formats a number of hundredths: `1.25`.
pub(super) fn hundredths(number: u64) -> String {
    format!("{}.{:02}", thousands(number / 100), number % 100)
}
