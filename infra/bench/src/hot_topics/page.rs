//! Generates docs/explanation/hot-topics.md.

use std::path::Path;

use super::assumptions::{LANES, QUOTA, SMALL_QUOTA, pace};
use super::inline::Inline;
use super::rounds::Rounds;
use super::sharded::Sharded;
use super::tables::{self, Design};
use super::{HotTopicsError, Relay, update};
use crate::costs::table::thousands;

/// The text of the page, with a named placeholder for each table of figures.
const TEXT: &str = include_str!("page.md");

/// The memory of every other function, in MB.
const SMALL_MEMORY: usize = 256;

/// The number of shards of connections behind a queue, and the memory of a shard's function, in
/// MB: its share of a processor is enough for the shard's posts.
const SHARDS: usize = 4;
const SHARD_MEMORY: usize = 512;

/// The factor by which a larger design multiplies both its shards and the quota.
const MORE: usize = 4;

/// Returns the page, in Markdown, for the relay of the template at this path.
pub fn page(template: &Path) -> Result<String, HotTopicsError> {
    let relay = Relay::load(template)?;
    let rounds = Rounds::new(relay.memory, relay.timeout);
    let inline = |quota, lanes| {
        let rate = pace(quota, lanes);
        Design::Inline(Inline { relay, rounds: &rounds, lanes, rate })
    };
    let named = |quota, lanes| {
        let name = match lanes {
            1 => format!("{}/s, 1 lane", thousands(quota)),
            LANES => format!("**{}/s, {LANES} lanes**", thousands(quota)),
            more => format!("{}/s, {more} lanes", thousands(quota)),
        };
        (name, inline(quota, lanes))
    };
    let quotas = [QUOTA, SMALL_QUOTA];
    let most: Vec<_> =
        quotas.iter().flat_map(|quota| [1, 4, 16].map(|lanes| named(*quota, lanes))).collect();
    let figures = [
        ("most", tables::most(&most)),
        ("usual", inline(QUOTA, LANES).outcomes()),
        ("small", inline(SMALL_QUOTA, LANES).outcomes()),
        ("beyond", beyond(relay)),
        ("others", update::table(relay)),
    ];
    let put = |text: String, (name, figures): (&str, String)| {
        text.replace(&format!("{{{name}}}\n"), &figures)
    };
    Ok(figures.into_iter().fold(TEXT.to_owned(), put))
}

/// Returns the table of the designs that are compared with the relay as it is.
fn beyond(relay: Relay) -> String {
    let less = Relay { memory: SMALL_MEMORY, ..relay };
    let rounds = Rounds::new(less.memory, less.timeout);
    let rate = pace(QUOTA, LANES);
    let small = Inline { relay: less, rounds: &rounds, lanes: LANES, rate };
    let shard = Relay { memory: SHARD_MEMORY, ..relay };
    let of_shard = Rounds::new(shard.memory, shard.timeout);
    let rate = pace(QUOTA, SHARDS);
    let queue = Sharded { relay: shard, rounds: &of_shard, lanes: LANES, shards: SHARDS, rate };
    let more = Sharded { shards: SHARDS * MORE, ..queue };
    tables::most(&[
        (format!("as it is, with {SMALL_MEMORY} MB"), Design::Inline(small)),
        (format!("{SHARDS} shards behind a queue"), Design::Sharded(queue)),
        (
            format!("{} shards behind a queue, {MORE} times the quota", SHARDS * MORE),
            Design::Sharded(more),
        ),
    ])
}
