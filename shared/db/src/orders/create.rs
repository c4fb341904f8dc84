//! Creating an order: one write request, and no read unless the order exists already.

use domain::{Decision, OrderId, fold, netted};

use super::change::{Outcome, Replay};
use super::commit::{Commit, CommitError, commit_id};
use super::effects::WriteEffect;
use super::head::Head;
use super::idempotency::{KeyedRequest, Ring, Seen};
use crate::retry::Tries;
use crate::{Db, DbError, keys};

/// The reason that an order was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError<F> {
    /// One of the creation's effects cannot be written.
    #[error("{0}")]
    Refused(F),
    /// The `Idempotency-Key` already created an order with another body.
    #[error("the Idempotency-Key was used with another body")]
    KeyReused,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Db {
    /// Commits the creation of an order. With a `request`, `id` must be derived from it, so that
    /// a retry finds its own order.
    pub async fn create<E: WriteEffect + Sync>(
        &self,
        id: OrderId,
        decision: Decision<E>,
        request: Option<&KeyedRequest>,
    ) -> Result<Outcome, CreateError<E::Refusal>> {
        let Decision { events, effects } = decision;
        let order = fold(id, &events).map_err(DbError::corrupt)?;
        let ring = Ring::default().with(request, order.version);
        let shard = keys::shard(id, self.shards.written);
        let head = Head { order, events, shard, commit_id: commit_id(), ring };
        let effects = netted(effects);
        let mut tries = Tries::new();
        let mut last_error = DbError::Conflict;
        while tries.begin() {
            let commit = Commit { head: &head, read: None, request, effects: &effects };
            last_error = match self.commit(commit).await {
                Ok(()) => return Ok(Outcome::Committed(Box::new(head))),
                Err(CommitError::Outdated(current)) => {
                    return self.created_before(head, *current, request).await;
                }
                Err(CommitError::Refused(refusal)) => return Err(CreateError::Refused(refusal)),
                Err(CommitError::NotWritten(error) | CommitError::Unknown(error)) => error,
                Err(CommitError::EffectOutdated | CommitError::Moot(_)) => DbError::Conflict,
                Err(CommitError::Failed(error)) => return Err(error.into()),
            };
            tries.pause().await;
        }
        Err(last_error.into())
    }

    /// Returns the outcome of an earlier attempt of `request`, if it created the order `id`.
    pub async fn created_by<F>(
        &self,
        id: OrderId,
        request: Option<&KeyedRequest>,
    ) -> Result<Option<Outcome>, CreateError<F>> {
        let Some(request) = request else { return Ok(None) };
        match self.head(id).await? {
            Some(current) => self.replayed_creation(current, request).await.map(Some),
            None => Ok(None),
        }
    }

    /// Handles an order that exists already: created by our own attempt with a lost response, or
    /// by an earlier attempt of the same request.
    async fn created_before<F>(
        &self,
        ours: Head,
        current: Head,
        request: Option<&KeyedRequest>,
    ) -> Result<Outcome, CreateError<F>> {
        let version = ours.order.version;
        if self.commit_of(current.order.id, version).await?.as_ref() == Some(&ours.commit_id) {
            return Ok(Outcome::Committed(Box::new(ours)));
        }
        let Some(request) = request else {
            return Err(DbError::corrupt("the id of a new order is already in use").into());
        };
        self.replayed_creation(current, request).await
    }

    async fn replayed_creation<F>(
        &self,
        current: Head,
        request: &KeyedRequest,
    ) -> Result<Outcome, CreateError<F>> {
        match self.seen(&current, request).await? {
            Seen::At(version) => {
                let then = self.order_at(&current, version).await?;
                Ok(Outcome::Replayed(Box::new(Replay { then, now: current.order })))
            }
            Seen::WithAnotherBody => Err(CreateError::KeyReused),
            Seen::Never => {
                Err(DbError::corrupt("a derived order id belongs to another Idempotency-Key")
                    .into())
            }
        }
    }
}
