//! Formats the figures as tables in Markdown.

use super::assumptions::{BURST, QUOTA, poster};
use super::chance::{Chance, Latency};
use super::inline::Inline;
use super::outcome::Outcome;
use super::posting::{Poster, Posts};
use super::quota::Quota;
use super::sharded::Sharded;
use super::{Micros, Relay, SECOND};
use crate::costs::table::thousands;

/// The numbers of connections that are simulated.
const CONNECTIONS: [usize; 7] = [100, 1_000, 10_000, 25_000, 50_000, 100_000, 400_000];

/// The rates that are simulated, in changes of the topic per second.
const RATES: [u64; 3] = [1, 10, 100];

/// The times within which 99 of 100 changes must arrive: for a person who watches, for the alarm
/// `RelayBehind`, and at all.
const WITHIN: [(&str, Micros); 3] =
    [("5 s", 5 * SECOND), ("30 s", 30 * SECOND), ("ever", Micros::MAX)];

/// A design of the relay.
pub(super) enum Design {
    Inline(Inline),
    Sharded(Sharded),
}

impl Design {
    fn run(&self, connections: usize, rate: u64) -> Outcome {
        match self {
            Self::Inline(inline) => inline.run(connections, rate),
            Self::Sharded(sharded) => sharded.run(connections, rate),
        }
    }

    /// Returns the maximum number of connections with which the design delivers in time, in steps
    /// of 250.
    fn most(&self, rate: u64, within: Micros) -> usize {
        const STEP: usize = 250;
        let (mut fit, mut too_many) = (0, 8_192);
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
            "time-outs",
            "",
        ];
        let cases = CONNECTIONS.iter().flat_map(|n| RATES.map(|rate| (*n, rate)));
        let rows = cases.map(|(connections, rate)| {
            let outcome = self.run(connections, rate);
            let [p50, p99] = outcome.delay.map(seconds);
            let or_never = |time| if outcome.batch.is_some() { time } else { "never".to_owned() };
            vec![
                number(connections),
                rate.to_string(),
                or_never(outcome.batch.map(seconds).unwrap_or_default()),
                or_never(p50),
                or_never(p99),
                thousands(outcome.posts_per_second),
                number(outcome.memory),
                number(outcome.timeouts),
                verdict(&outcome).to_owned(),
            ]
        });
        markdown(&heading, rows)
    }
}

/// Returns a table of the number of connections that each design serves, by the rate of changes.
pub(super) fn most(designs: &[(String, &Design)]) -> String {
    let heading = ["", "99 of 100 within", "1 change/s", "10 changes/s", "100 changes/s"];
    let cases = designs.iter().flat_map(|design| WITHIN.map(|within| (design, within)));
    let rows = cases.map(|((name, design), (text, within))| {
        let most = RATES.map(|rate| number(design.most(rate, within)));
        [vec![name.clone(), text.to_owned()], most.into()].concat()
    });
    markdown(&heading, rows)
}

/// Returns a table of the time that one update takes under other assumptions.
pub(super) fn others(relay: Relay) -> String {
    let usual = poster(relay.memory);
    let with = |change: fn(&mut Poster)| {
        let mut poster = usual.clone();
        change(&mut poster);
        poster
    };
    let cases = [
        ("as above", with(|_| {})),
        ("posts take twice as long", with(|it| it.latency = Latency::Usual(200))),
        (
            "posts take half as long, the processor half as much",
            with(|it| {
                (it.latency, it.busy) = (Latency::Usual(50), it.busy / 2);
            }),
        ),
        ("the processor is busy for twice as long", with(|it| it.busy *= 2)),
        ("one connection in a hundred does not respond", with(|it| it.mute = 10)),
        (
            "other work uses half of the quota",
            with(|it| it.quota = Quota::new(QUOTA / 2, BURST / 2)),
        ),
    ];
    let heading = ["", "connections", "s", "posts/s", "closed"];
    let cases =
        cases.into_iter().flat_map(|(name, it)| [10_000, 100_000].map(|n| (name, it.clone(), n)));
    let rows = cases.filter_map(|(name, poster, connections)| {
        let posts = Posts::make(poster, &mut Chance::new(0), connections, Micros::MAX);
        let round = posts.first(connections, Micros::MAX)?;
        let rate = connections as u64 * SECOND / round.length;
        let [rate, closed] = [rate, round.closed.into()].map(thousands);
        Some(vec![name.to_owned(), number(connections), seconds(round.length), rate, closed])
    });
    markdown(&heading, rows)
}

const fn verdict(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome { fits: false, .. } => "has too little memory",
        Outcome { keeps_up: false, .. } => "falls behind",
        Outcome { .. } => "keeps up",
    }
}

fn markdown(heading: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heading: Vec<_> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let rule = format!("|{}\n", "---|".repeat(heading.len()));
    let rows: String = rows.map(|row| line(&row)).collect();
    format!("{}{rule}{rows}", line(&heading))
}

fn number(count: usize) -> String {
    thousands(count as u64)
}

/// Formats a time in seconds, with two decimal places: `1.25`.
fn seconds(time: Micros) -> String {
    let hundredths = (time + SECOND / 200) / (SECOND / 100);
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}
