//! The timelines of many orders.

use clock::Timestamp;
use domain::{Direction, Filter, OrderId, Timeline};
use futures_util::{StreamExt, stream};

use super::plan::Plan;
use super::walk::Walk;
use crate::{Db, DbError, ListError, Position};

/// The number of histories that are read concurrently.
const AT_ONCE: usize = 16;

/// A page of timelines, and the position of the next one.
#[derive(Debug, Default)]
pub struct Timelines {
    /// The timelines of the orders that match.
    pub read: Vec<Timeline>,
    /// The orders whose history cannot be parsed, so that it is unknown if they match.
    pub unread: Vec<(OrderId, DbError)>,
    /// The position of the next page; `None` at the end.
    pub next: Option<Position>,
}

impl Db {
    /// Reads the timelines of at most `limit` (from 1) orders that an index has for `filter`,
    /// starting after `after`, newest first. Each order costs one query of its history; heads are
    /// not read.
    pub async fn timelines(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Timelines, ListError> {
        let Plan::Index(scan) = Plan::of(filter, self.shards.read, now)? else {
            return Ok(Timelines::default());
        };
        let mut walk = Walk::new(self, scan, Direction::Newest, after);
        let entries = walk.next(limit).await?;
        let next = walk.position().map(Position::new);
        let mut found = Timelines { next, ..Timelines::default() };
        let reads = entries.into_iter().map(|entry| async move {
            let id = entry.order_id;
            (id, self.timeline(id).await)
        });
        let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
        while let Some((id, timeline)) = reads.next().await {
            match timeline {
                Ok(Some(timeline)) if !filter.matches(&timeline.order) => {}
                Ok(Some(timeline)) => found.read.push(timeline),
                Ok(None) => found.unread.push((id, DbError::corrupt("the order has no history"))),
                Err(error @ DbError::Corrupt(_)) => found.unread.push((id, error)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }
}
