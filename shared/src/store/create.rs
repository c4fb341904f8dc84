//! Creating an order: one write request, and no read unless it was there already.

use super::backoff::Tries;
use super::commit::{Commit, CommitError, DetailsWrite, commit_id};
use super::idempotency::{KeyedRequest, Ring, Seen};
use super::{Head, Outcome, Replay, Store, StoreError, keys};
use crate::domain::{Details, Event, OrderId, fold};

/// Why an order was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Another order of the merchant has the `external_id`.
    #[error("another order has the external id")]
    ExternalIdTaken,
    /// The Idempotency-Key made an order already, with another body.
    #[error("the Idempotency-Key was used with another body")]
    KeyReused,
    /// The tables did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Commits the first events of an order. Under a `request`, `id` must be
    /// derived from it, so that a repeated request meets its own order.
    pub async fn create(
        &self,
        id: OrderId,
        events: Vec<Event>,
        details: &Details,
        request: Option<&KeyedRequest>,
    ) -> Result<Outcome, CreateError> {
        let order = fold(id, &events).map_err(StoreError::corrupt)?;
        let ring = Ring::default().with(request, order.version);
        let shard = keys::shard(id, self.shards.written);
        let head = Head { order, events, shard, commit_id: commit_id(), ring };
        let mut tries = Tries::new();
        let mut last_error = StoreError::Conflict;
        while tries.begin() {
            let details = Some(DetailsWrite::Put(details));
            let commit = Commit { head: &head, read: None, request, details };
            last_error = match self.commit(commit).await {
                Ok(()) => return Ok(Outcome::Committed(Box::new(head))),
                Err(CommitError::Outdated(current)) => {
                    return self.created_before(head, *current, request).await;
                }
                Err(CommitError::ExternalIdTaken) => return Err(CreateError::ExternalIdTaken),
                Err(CommitError::NotWritten(error) | CommitError::Unknown(error)) => error,
                Err(CommitError::Failed(error)) => return Err(error.into()),
            };
            tries.pause().await;
        }
        Err(last_error.into())
    }

    /// What came of `request`, which gives the order its `id`, if it made one before.
    pub async fn created_by(
        &self,
        id: OrderId,
        request: Option<&KeyedRequest>,
    ) -> Result<Option<Outcome>, CreateError> {
        let Some(request) = request else { return Ok(None) };
        match self.head(id).await? {
            Some(current) => self.replayed_creation(current, request).await.map(Some),
            None => Ok(None),
        }
    }

    /// The order is there already: by a try of ours whose answer was lost, or by
    /// the same request before.
    async fn created_before(
        &self,
        ours: Head,
        current: Head,
        request: Option<&KeyedRequest>,
    ) -> Result<Outcome, CreateError> {
        let version = ours.order.version;
        if self.commit_of(current.order.id, version).await?.as_ref() == Some(&ours.commit_id) {
            return Ok(Outcome::Committed(Box::new(ours)));
        }
        let Some(request) = request else {
            return Err(StoreError::corrupt("a new order's id is taken").into());
        };
        self.replayed_creation(current, request).await
    }

    async fn replayed_creation(
        &self,
        current: Head,
        request: &KeyedRequest,
    ) -> Result<Outcome, CreateError> {
        match self.seen(&current, request).await? {
            Seen::At(version) => {
                let then = self.order_at(&current, version).await?;
                Ok(Outcome::Replayed(Box::new(Replay { then, now: current.order })))
            }
            Seen::WithAnotherBody => Err(CreateError::KeyReused),
            Seen::Never => Err(StoreError::corrupt("a derived order id has another key").into()),
        }
    }
}
