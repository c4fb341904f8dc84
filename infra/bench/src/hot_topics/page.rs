//! docs/explanation/hot-topics.md.

use std::path::Path;

use super::assumptions::poster;
use super::inline::Inline;
use super::sharded::Sharded;
use super::tables::{self, Design};
use super::{HotTopicsError, Relay};
use crate::costs::table::thousands;

/// The text of the page around its figures, each of which has a named placeholder.
const TEXT: &str = include_str!("page.md");

/// How many shards share the account's quota; and how many times as many share a quota
/// that is as many times as large.
const SHARDS: usize = 4;
const MORE: usize = 4;

/// In MB: what every other function has.
const SMALL_MEMORY: usize = 256;

/// In MB: its share of a processor is enough for a shard's part of the quota.
const SHARD_MEMORY: usize = 512;

/// The page, in Markdown, for the relay of the template at this path.
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
