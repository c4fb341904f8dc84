//! One update on every lane at the same time, under assumptions that differ.

use super::assumptions::{LANES, QUOTA, SMALL_QUOTA, pace, poster};
use super::chance::{Chance, Latency};
use super::posting::{Posted, Poster};
use super::tables::{hundredths, markdown, number, seconds};
use super::{Micros, Relay, SECOND};
use crate::costs::table::thousands;

const CONNECTIONS: [usize; 2] = [1_000, 10_000];

/// Returns a table of one update on every lane: its time, and its effect on the account.
pub(super) fn table(relay: Relay) -> String {
    let heading =
        ["", "connections", "s", "posts/s", "posts rejected", "other requests rejected", "closed"];
    let cases = cases(relay)
        .into_iter()
        .flat_map(|(name, poster)| CONNECTIONS.map(|n| (name, poster.clone(), n)));
    let rows = cases.map(|(name, poster, connections)| {
        let Posted { posts, rejected, closed, others } =
            poster.post(&mut Chance::new(0), connections, Micros::MAX);
        let length = posts.iter().map(|post| post.done).max().unwrap_or_default();
        let of_others = (others.rejected * 10_000).checked_div(others.made).unwrap_or_default();
        vec![
            name.to_owned(),
            number(connections),
            seconds(length),
            thousands(posts.len() as u64 * SECOND / length),
            thousands(rejected),
            format!("{} %", hundredths(of_others)),
            thousands(closed),
        ]
    });
    markdown(&heading, rows)
}

/// Returns the cases: the relay in an account of which other work uses half, and a change of it.
fn cases(relay: Relay) -> [(&'static str, Poster); 10] {
    let usual = Poster {
        lanes: LANES,
        rate: pace(QUOTA, LANES),
        others: QUOTA / 2,
        ..poster(relay.memory)
    };
    let small = Poster { quota: SMALL_QUOTA, others: SMALL_QUOTA / 2, ..usual.clone() };
    let with = |change: fn(&mut Poster)| {
        let mut poster = usual.clone();
        change(&mut poster);
        poster
    };
    [
        ("as above", usual.clone()),
        ("posts take twice as long", with(|it| it.latency = Latency::Usual(200))),
        ("the processor is busy for twice as long", with(|it| it.busy *= 2)),
        ("one connection in a hundred does not respond", with(|it| it.mute = 10)),
        ("other work uses three quarters of the quota", with(|it| it.others = QUOTA * 3 / 4)),
        ("other work uses nine tenths of the quota", with(|it| it.others = QUOTA * 9 / 10)),
        ("16 lanes, `PostLanes` still 4", with(|it| it.lanes = 16)),
        (
            "2,500 requests/s, `PostRate` 1,250",
            Poster { rate: pace(SMALL_QUOTA, LANES), ..small.clone() },
        ),
        ("2,500 requests/s, `PostRate` still 5,000", small.clone()),
        (
            "2,500 requests/s, `PostRate` still 5,000, 16 lanes, `PostLanes` still 4",
            Poster { lanes: 16, ..small },
        ),
    ]
}
