//! Orders whose deadline has passed.

use clock::Timestamp;
use domain::{Direction, Event, OrderId, Rejection, due, needs_when_due};

use super::change::{ChangeError, Outcome};
use super::head::Head;
use super::list::{Consistency, MAX_BATCH};
use super::plan::Scan;
use super::walk::Walk;
use crate::{Db, DbError};

/// A walk over the orders whose deadline has passed, the longest overdue first. Each is
/// met once, whatever becomes of the orders meanwhile.
pub struct Overdue<'s> {
    db: &'s Db,
    walk: Walk<'s>,
}

/// Why nothing was done with an order.
#[derive(Debug, thiserror::Error)]
pub enum DueError {
    /// What its table says cannot be done.
    #[error("the workflow's clock asks for a transition that its rules reject: {0}")]
    Rejected(#[from] Rejection),
    /// The tables did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Db {
    /// The orders whose deadline has passed by `now`.
    pub fn overdue(&self, now: Timestamp) -> Overdue<'_> {
        let scan = Scan::due(self.shards.read, now);
        Overdue { db: self, walk: Walk::new(self, scan, Direction::Oldest, None) }
    }

    /// Commits what the order's deadline makes happen, and gives it back: nothing, if
    /// others have moved the order.
    pub async fn act(&self, head: Head, now: Timestamp) -> Result<Vec<Event>, DueError> {
        let needs = |order: &_| needs_when_due(order, now);
        match self.change(head, None, needs, |order, known| due(order, now, known)).await {
            Ok(Outcome::Committed(head)) => Ok(head.events),
            Ok(Outcome::Unchanged(_) | Outcome::Replayed(_)) => Ok(Vec::new()),
            Err(
                ChangeError::Rejected(rejection) | ChangeError::Refused { refusal: rejection, .. },
            ) => Err(DueError::Rejected(rejection)),
            Err(ChangeError::Db(error)) => Err(DueError::Db(error)),
            Err(ChangeError::KeyReused) => {
                Err(DbError::corrupt("the command has no Idempotency-Key").into())
            }
        }
    }
}

impl Overdue<'_> {
    /// The next orders, at most 100, as they are now; or why one does not read. None at
    /// the end.
    pub async fn next(&mut self) -> Result<Option<Vec<(OrderId, Result<Head, DbError>)>>, DbError> {
        let entries = self.walk.next(MAX_BATCH).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        // Of a head that is behind, what was done would be tried again, for nothing.
        let mut heads = self.db.each_head(&ids, Consistency::Strong).await?;
        Ok(Some(ids.into_iter().filter_map(|id| Some((id, heads.remove(&id)?))).collect()))
    }
}
