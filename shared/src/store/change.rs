//! Changing an order: decide, commit, and decide again on what others made of it.

use super::backoff::Tries;
use super::commit::{Commit, CommitError, DetailsWrite, commit_id};
use super::idempotency::{KeyedRequest, Seen};
use super::{Head, Store, StoreError};
use crate::domain::{Correction, Event, Order, Version, evolve};

/// What became of a change.
#[derive(Debug)]
pub enum Outcome {
    /// It is committed, and this is the order after it, with the commit's events.
    Committed(Box<Head>),
    /// The same request did it before.
    Replayed(Box<Replay>),
    /// There was nothing to do.
    Unchanged(Box<Order>),
}

/// A change that the same request made before.
#[derive(Debug)]
pub struct Replay {
    /// The order after it.
    pub then: Order,
    /// The order as it is now.
    pub now: Order,
}

/// What a change makes of an order's details.
#[derive(Clone, Debug)]
pub enum DetailsChange {
    /// Some of them as they should have been; one at least.
    Correct(Correction),
    /// None.
    Erase,
}

impl<'a> From<&'a DetailsChange> for DetailsWrite<'a> {
    fn from(change: &'a DetailsChange) -> Self {
        match change {
            DetailsChange::Correct(correction) => Self::Correct(correction),
            DetailsChange::Erase => Self::Erase,
        }
    }
}

/// Why an order was not changed.
#[derive(Debug)]
pub enum ChangeError<R> {
    /// The decision went against it.
    Rejected(R),
    /// The Idempotency-Key made a commit already, with another body.
    KeyReused,
    /// The tables did not do it.
    Store(StoreError),
}

impl<R> From<StoreError> for ChangeError<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Commits what `decide` makes of the order, as it was read in `head` or as
    /// others have made it since: whoever loses decides again on the winner's
    /// head. A `request` that made a commit before is not decided on again. What
    /// becomes of the `details` does so in the same commit.
    pub async fn change<R>(
        &self,
        mut head: Head,
        request: Option<&KeyedRequest>,
        details: Option<&DetailsChange>,
        decide: impl Fn(&Order) -> Result<Vec<Event>, R>,
    ) -> Result<Outcome, ChangeError<R>> {
        let commit_id = commit_id();
        let mut tries = Tries::new();
        // What a commit made whose answer was lost, if it was written.
        let mut unsure: Option<Head> = None;
        let mut last_error = StoreError::Conflict;
        loop {
            if let Some(done) = self.already_done(&head, &commit_id, unsure.as_ref()).await? {
                return Ok(Outcome::Committed(Box::new(done.clone())));
            }
            if let Some(version) = self.replayed(&head, request).await? {
                let then = self.order_at(&head, version).await?;
                return Ok(Outcome::Replayed(Box::new(Replay { then, now: head.order })));
            }
            if !tries.begin() {
                return Err(last_error.into());
            }
            let events = decide(&head.order).map_err(ChangeError::Rejected)?;
            if events.is_empty() {
                return Ok(Outcome::Unchanged(Box::new(head.order)));
            }
            let next = head.after(events, &commit_id, request);
            let read = Some(head.order.version);
            let details = details.map(DetailsWrite::from);
            last_error = match self.commit(Commit { head: &next, read, request, details }).await {
                Ok(()) => return Ok(Outcome::Committed(Box::new(next))),
                Err(CommitError::Outdated(current)) => {
                    head = *current;
                    continue;
                }
                // An earlier try may have been written: not a conflict for certain.
                Err(CommitError::NotWritten(_)) if unsure.is_some() => last_error,
                Err(CommitError::NotWritten(error)) => error,
                Err(CommitError::Unknown(error)) => {
                    unsure = Some(next);
                    error
                }
                Err(CommitError::Failed(error)) => return Err(error.into()),
                Err(CommitError::ExternalIdTaken) => {
                    return Err(StoreError::corrupt("a change took an external id").into());
                }
            };
            tries.pause().await;
            let current = self.head(head.order.id).await?;
            head = current.ok_or_else(|| StoreError::corrupt("the order's head is gone"))?;
        }
    }

    /// What our own commit made, if its answer was lost on the way.
    async fn already_done<'h>(
        &self,
        head: &'h Head,
        commit_id: &str,
        unsure: Option<&'h Head>,
    ) -> Result<Option<&'h Head>, StoreError> {
        if head.commit_id == commit_id {
            return Ok(Some(head));
        }
        // Others may have gone on from it.
        match unsure.filter(|ours| ours.order.version <= head.order.version) {
            Some(ours) => {
                let by = self.commit_of(ours.order.id, ours.order.version).await?;
                Ok((by.as_deref() == Some(commit_id)).then_some(ours))
            }
            None => Ok(None),
        }
    }

    async fn replayed<R>(
        &self,
        head: &Head,
        request: Option<&KeyedRequest>,
    ) -> Result<Option<Version>, ChangeError<R>> {
        let Some(request) = request else { return Ok(None) };
        match self.seen(head, request).await? {
            Seen::Never => Ok(None),
            Seen::At(version) => Ok(Some(version)),
            Seen::WithAnotherBody => Err(ChangeError::KeyReused),
        }
    }
}

impl Head {
    /// The head after a commit of `events`, none of which may be missing.
    pub(super) fn after(
        &self,
        events: Vec<Event>,
        commit_id: &str,
        request: Option<&KeyedRequest>,
    ) -> Self {
        let order = events.iter().fold(self.order.clone(), evolve);
        let ring = self.ring.with(request, order.version);
        Self { order, events, shard: self.shard, commit_id: commit_id.to_owned(), ring }
    }
}
