//! Changing an order: decide, commit, and decide again if another commit won.

use std::collections::BTreeSet;

use domain::{Decision, Effect, Event, Known, Needs, Order, Version, evolve, netted};

use super::commit::{Commit, CommitError, commit_id};
use super::effects::WriteEffect;
use super::head::Head;
use super::idempotency::{KeyedRequest, Seen};
use crate::retry::Tries;
use crate::{Db, DbError};

/// The outcome of a change.
#[derive(Debug)]
pub enum Outcome {
    /// The change was committed. Carries the order after it, with the commit's events.
    Committed(Box<Head>),
    /// The same request made the change before.
    Replayed(Box<Replay>),
    /// The decision had no events.
    Unchanged(Box<Order>),
}

/// A change that an earlier attempt of the same request made.
#[derive(Debug)]
pub struct Replay {
    /// The order directly after the change.
    pub then: Order,
    /// The current order.
    pub now: Order,
}

/// The reason that an order was not changed.
#[derive(Debug)]
pub enum ChangeError<R, F> {
    /// The decision rejected the change.
    Rejected(R),
    /// One of the decision's effects cannot be written.
    Refused {
        /// The reason.
        refusal: F,
        /// The version of the order that the decision was based on.
        version: Version,
    },
    /// The `Idempotency-Key` already made a commit with another body.
    KeyReused,
    Db(DbError),
}

impl<R, F> From<DbError> for ChangeError<R, F> {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Db {
    /// Commits the decision of `decide` on the order. The order is first as in `head`; if another
    /// commit wins, or the item of an effect has changed, `decide` runs again on the new head, with
    /// the data that the decision `needs` read again. A `request` that already made a commit is not
    /// decided again. The decision's effects are written in the same commit.
    pub async fn change<E: WriteEffect + Sync, R>(
        &self,
        mut head: Head,
        request: Option<&KeyedRequest>,
        needs: impl Fn(&Order) -> Needs,
        decide: impl Fn(&Order, &Known) -> Result<Decision<E>, R>,
    ) -> Result<Outcome, ChangeError<R, E::Refusal>> {
        let commit_id = commit_id();
        let mut tries = Tries::new();
        // The head of an attempt with a lost response, which may have been written.
        let mut unsure: Option<Head> = None;
        let mut last_error = DbError::Conflict;
        let mut moot = BTreeSet::new();
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
            let known = self.known(&head.order, needs(&head.order)).await?;
            let decision = decide(&head.order, &known).map_err(ChangeError::Rejected)?;
            if decision.events.is_empty() {
                return Ok(Outcome::Unchanged(Box::new(head.order)));
            }
            let effects = netted(decision.effects).into_iter();
            let effects: Vec<_> = effects.filter(|effect| !moot.contains(&effect.item())).collect();
            let next = head.after(decision.events, &commit_id, request);
            let version = head.order.version;
            let commit = Commit { head: &next, read: Some(version), request, effects: &effects };
            last_error = match self.commit(commit).await {
                Ok(()) => return Ok(Outcome::Committed(Box::new(next))),
                Err(CommitError::Outdated(current)) => {
                    head = *current;
                    moot.clear();
                    continue;
                }
                Err(CommitError::Moot(place)) => {
                    moot.extend(effects.get(place).map(Effect::item));
                    continue;
                }
                Err(CommitError::Refused(refusal)) => {
                    // If an earlier attempt was written, it may be the cause of this refusal.
                    if let Some(ours) = &unsure
                        && let Some(now) = self.head(ours.order.id).await?
                        && let Some(done) = self.already_done(&now, &commit_id, Some(ours)).await?
                    {
                        return Ok(Outcome::Committed(Box::new(done.clone())));
                    }
                    return Err(ChangeError::Refused { refusal, version });
                }
                // An earlier attempt may have been written, so a conflict is not certain.
                Err(CommitError::NotWritten(_) | CommitError::EffectOutdated)
                    if unsure.is_some() =>
                {
                    last_error
                }
                Err(CommitError::EffectOutdated) => DbError::Conflict,
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

    /// Returns the head of our own commit if it was written, although its response was lost.
    async fn already_done<'h>(
        &self,
        head: &'h Head,
        commit_id: &str,
        unsure: Option<&'h Head>,
    ) -> Result<Option<&'h Head>, DbError> {
        if head.commit_id == commit_id {
            return Ok(Some(head));
        }
        // Other commits may have followed ours.
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
    /// Returns the head after a commit of `events`, which must be complete.
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
