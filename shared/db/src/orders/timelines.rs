//! What many orders went through.

use clock::Timestamp;
use domain::{Direction, Filter, OrderId, Timeline};
use futures_util::{StreamExt, stream};

use super::plan::Plan;
use super::walk::Walk;
use crate::{Db, DbError, ListError, Position};

/// How many histories are read at once.
const AT_ONCE: usize = 16;

/// Some of the orders that are asked for.
#[derive(Debug, Default)]
pub struct Timelines {
    /// Those that match, with what they went through.
    pub read: Vec<Timeline>,
    /// Those whose history does not read, so that nobody knows whether they match.
    pub unread: Vec<(OrderId, DbError)>,
    /// Where the next ones begin; none at the end.
    pub next: Option<Position>,
}

impl Db {
    /// At most `limit` (from 1) of the orders that an index has for `filter`, from after
    /// `after` on, the newest first: one query of its history each, and no head.
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
