//! Orders whose deadline has passed.

use clock::Timestamp;
use domain::{Direction, Event, OrderId, Rejection, due, needs_when_due};

use super::change::{ChangeError, Outcome};
use super::head::Head;
use super::list::{Consistency, MAX_BATCH};
use super::plan::Scan;
use super::walk::Walk;
use crate::{Db, DbError};

/// A walk over the orders whose deadline has passed, the longest overdue first. It returns each
/// order once, even if orders change meanwhile.
pub struct Overdue<'s> {
    db: &'s Db,
    walk: Walk<'s>,
}

/// The reason that an order was not processed.
#[derive(Debug, thiserror::Error)]
pub enum DueError {
    #[error("the rules reject what Waybill would do by itself: {0}")]
    Rejected(#[from] Rejection),
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Db {
    /// Starts a walk over the orders whose deadline has passed by `now`.
    pub fn overdue(&self, now: Timestamp) -> Overdue<'_> {
        let scan = Scan::due(self.shards.read, now);
        Overdue { db: self, walk: Walk::new(self, scan, Direction::Oldest, None) }
    }

    /// Commits the actions that the order's deadline causes, and returns their events; empty if
    /// nothing is due any more because the order was changed meanwhile.
    pub async fn act(&self, head: Head, now: Timestamp) -> Result<Vec<Event>, DueError> {
        let needs = |order: &_| needs_when_due(order, now);
        acted(self.change(head, None, needs, |order, known| due(order, now, known)).await)
    }
}

/// Returns the events of an action that Waybill took by itself.
pub(super) fn acted(
    outcome: Result<Outcome, ChangeError<Rejection, Rejection>>,
) -> Result<Vec<Event>, DueError> {
    match outcome {
        Ok(Outcome::Committed(head)) => Ok(head.events),
        Ok(Outcome::Unchanged(_) | Outcome::Replayed(_)) => Ok(Vec::new()),
        Err(ChangeError::Rejected(rejection) | ChangeError::Refused { refusal: rejection, .. }) => {
            Err(DueError::Rejected(rejection))
        }
        Err(ChangeError::Db(error)) => Err(DueError::Db(error)),
        Err(ChangeError::KeyReused) => {
            Err(DbError::corrupt("the command has no Idempotency-Key").into())
        }
    }
}

impl Overdue<'_> {
    /// Returns the next orders, at most 100, in their current state, each with its error if it
    /// cannot be parsed; `None` at the end.
    pub async fn next(&mut self) -> Result<Option<Vec<(OrderId, Result<Head, DbError>)>>, DbError> {
        let entries = self.walk.next(MAX_BATCH).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        // Read consistently: on an outdated head, actions that are already done would be
        // attempted again.
        let mut heads = self.db.each_head(&ids, Consistency::Strong).await?;
        Ok(Some(ids.into_iter().filter_map(|id| Some((id, heads.remove(&id)?))).collect()))
    }
}
