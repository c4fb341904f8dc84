//! Orders whose deadline has passed.

use super::list::MAX_BATCH;
use super::plan::Scan;
use super::walk::Walk;
use super::{ChangeError, Consistency, Direction, Head, Outcome, Store, StoreError};
use crate::domain::time::Timestamp;
use crate::domain::{Event, OrderId, Rejection, due};

/// A walk over the orders whose deadline has passed, the longest overdue first. Each is
/// met once, whatever becomes of the orders meanwhile.
pub struct Overdue<'s> {
    store: &'s Store,
    walk: Walk<'s>,
}

/// Why nothing was done with an order.
#[derive(Debug, thiserror::Error)]
pub enum DueError {
    /// What its table says cannot be done.
    #[error("its workflow's table asks for what its rules refuse: {0}")]
    Rejected(#[from] Rejection),
    /// The tables did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// The orders whose deadline has passed by `now`.
    pub fn overdue(&self, now: Timestamp) -> Overdue<'_> {
        let scan = Scan::due(self.shards.read, now);
        Overdue { store: self, walk: Walk::new(self, scan, Direction::Oldest, None) }
    }

    /// Commits what the order's deadline makes happen, and gives it back: nothing, if
    /// others have moved the order.
    pub async fn act(&self, head: Head, now: Timestamp) -> Result<Vec<Event>, DueError> {
        match self.change(head, None, None, |order| due(order, now)).await {
            Ok(Outcome::Committed(head)) => Ok(head.events),
            Ok(Outcome::Unchanged(_) | Outcome::Replayed(_)) => Ok(Vec::new()),
            Err(ChangeError::Rejected(rejection)) => Err(DueError::Rejected(rejection)),
            Err(ChangeError::Store(error)) => Err(DueError::Store(error)),
            Err(ChangeError::KeyReused) => Err(StoreError::corrupt("no key was used").into()),
        }
    }
}

impl Overdue<'_> {
    /// The next orders, at most 100, as they are now; or why one does not read. None at
    /// the end.
    pub async fn next(
        &mut self,
    ) -> Result<Option<Vec<(OrderId, Result<Head, StoreError>)>>, StoreError> {
        let entries = self.walk.next(MAX_BATCH).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        // Of a head that is behind, what was done would be tried again, for nothing.
        let mut heads = self.store.each_head(&ids, Consistency::Strong).await?;
        Ok(Some(ids.into_iter().filter_map(|id| Some((id, heads.remove(&id)?))).collect()))
    }
}
