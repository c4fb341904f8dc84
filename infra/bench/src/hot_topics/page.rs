//! Generates docs/explanation/hot-topics.md.

use std::path::Path;

use super::assumptions::poster;
use super::inline::Inline;
use super::sharded::Sharded;
use super::tables::{self, Design};
use super::{HotTopicsError, Relay};
use crate::costs::table::thousands;

/// The text of the page, with a named placeholder for each table of figures.
const TEXT: &str = include_str!("page.md");

/// The number of shards that share the account's quota, and the factor by which the larger design
/// multiplies both the shards and the quota.
const SHARDS: usize = 4;
const MORE: usize = 4;

/// The memory of every other function, in MB.
const SMALL_MEMORY: usize = 256;

/// The memory of a shard's function, in MB: its share of a processor is enough for the shard's
/// part of the quota.
const SHARD_MEMORY: usize = 512;

/// Returns the page, in Markdown, for the relay of the template at this path.
pub fn page(template: &Path) -> Result<String, HotTopicsError> {
    let relay = Relay::load(template)?;
    let small = Relay { memory: SMALL_MEMORY, ..relay };
    let inline = |relay: Relay| Design::Inline(Inline::new(relay, &poster(relay.memory)));
    let (as_is, smaller) = (inline(relay), inline(small));
    let queue = Sharded::new(Relay { memory: SHARD_MEMORY, ..relay }, SHARDS);
    let (more, queue) = (Design::Sharded(queue.times(MORE)), Design::Sharded(queue));
    let most = tables::most(&[
        (format!("inline, {} MB", thousands(relay.memory as u64)), &as_is),
        (format!("inline, {} MB", thousands(small.memory as u64)), &smaller),
        (format!("{SHARDS} shards"), &queue),
        (format!("{} shards, {MORE} times the quota", SHARDS * MORE), &more),
    ]);
    let figures = [
        ("most", most),
        ("as-is", as_is.outcomes()),
        ("smaller", smaller.outcomes()),
        ("queue", queue.outcomes()),
        ("others", tables::others(relay)),
    ];
    let put = |text: String, (name, figures): (&str, String)| {
        text.replace(&format!("{{{name}}}\n"), &figures)
    };
    Ok(figures.into_iter().fold(TEXT.to_owned(), put))
}
