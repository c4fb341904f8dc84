//! Changing an order: decide, commit, and decide again on what others made of it.

use domain::{Decision, Event, Known, Needs, Order, Version, evolve, netted};

use super::commit::{Commit, CommitError, commit_id};
use super::effects::WriteEffect;
use super::head::Head;
use super::idempotency::{KeyedRequest, Seen};
use crate::retry::Tries;
use crate::{Db, DbError};

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

/// Why an order was not changed.
#[derive(Debug)]
pub enum ChangeError<R, F> {
    /// The decision went against it.
    Rejected(R),
    /// One of the decision's effects cannot be done.
    Refused {
        /// Why.
        refusal: F,
        /// The order's version that was decided on.
        version: Version,
    },
    /// The Idempotency-Key made a commit already, with another body.
    KeyReused,
    /// The tables did not do it.
    Db(DbError),
}

impl<R, F> From<DbError> for ChangeError<R, F> {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Db {
    /// Commits what `decide` makes of the order, as it was read in `head` or as
    /// others have made it since: whoever loses decides again on the winner's
    /// head, with what the decision `needs` read anew. A `request` that made a commit before
    /// is not decided on again. The decision's effects are written by the same commit.
    pub async fn change<E: WriteEffect + Sync, R>(
        &self,
        mut head: Head,
        request: Option<&KeyedRequest>,
        needs: impl Fn(&Order) -> Needs,
        decide: impl Fn(&Order, &Known) -> Result<Decision<E>, R>,
    ) -> Result<Outcome, ChangeError<R, E::Refusal>> {
        let commit_id = commit_id();
        let mut tries = Tries::new();
        // What a commit made whose answer was lost, if it was written.
        let mut unsure: Option<Head> = None;
        let mut last_error = DbError::Conflict;
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
            let known = self.known(head.order.id, needs(&head.order)).await?;
            let decision = decide(&head.order, &known).map_err(ChangeError::Rejected)?;
            if decision.events.is_empty() {
                return Ok(Outcome::Unchanged(Box::new(head.order)));
            }
            let effects = netted(decision.effects);
            let next = head.after(decision.events, &commit_id, request);
            let version = head.order.version;
            let commit = Commit { head: &next, read: Some(version), request, effects: &effects };
            last_error = match self.commit(commit).await {
                Ok(()) => return Ok(Outcome::Committed(Box::new(next))),
                Err(CommitError::Outdated(current)) => {
                    head = *current;
                    continue;
                }
                Err(CommitError::Refused(refusal)) => {
                    // An earlier try, if it was written, may be the reason of this refusal.
                    if let Some(ours) = &unsure
                        && let Some(now) = self.head(ours.order.id).await?
                        && let Some(done) = self.already_done(&now, &commit_id, Some(ours)).await?
                    {
                        return Ok(Outcome::Committed(Box::new(done.clone())));
                    }
                    return Err(ChangeError::Refused { refusal, version });
                }
                // An earlier try may have been written: not a conflict for certain.
                Err(CommitError::NotWritten(_)) if unsure.is_some() => last_error,
                Err(CommitError::NotWritten(error)) => error,
                Err(CommitError::Unknown(error)) => {
                    unsure = Some(next);
                    error
                }
                Err(CommitError::Failed(error)) => return Err(error.into()),
            };
            tries.pause().await;
            let current = self.head(head.order.id).await?;
            head = current.ok_or_else(|| DbError::corrupt("the order's head is missing"))?;
        }
    }

    /// What our own commit made, if its answer was lost on the way.
    async fn already_done<'h>(
        &self,
        head: &'h Head,
        commit_id: &str,
        unsure: Option<&'h Head>,
    ) -> Result<Option<&'h Head>, DbError> {
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

    async fn replayed<R, F>(
        &self,
        head: &Head,
        request: Option<&KeyedRequest>,
    ) -> Result<Option<Version>, ChangeError<R, F>> {
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
