//! A commit is one transaction. It writes the head on condition that its version is the one that
//! was read, each event on condition that its version is new, and the other effects on their own
//! conditions.

use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Event, Version};

use super::effects::{Unmet, WriteEffect};
use super::event::{HistoryItem, StoredEvent};
use super::head::Head;
use super::idempotency::KeyedRequest;
use crate::error::is_final;
use crate::{Db, DbError, Item};

/// The writes of one commit.
pub(super) struct Commit<'a, E> {
    /// The new head, with the commit's id and events.
    pub(super) head: &'a Head,
    /// The version that was read; `None` if the order is new.
    pub(super) read: Option<Version>,
    pub(super) request: Option<&'a KeyedRequest>,
    /// The writes to other items, at most one for each item.
    pub(super) effects: &'a [E],
}

/// The reason that a commit failed.
#[derive(Debug)]
pub(super) enum CommitError<F> {
    /// The head has changed since it was read. Carries the current head.
    Outdated(Box<Head>),
    /// One of the effects cannot be written.
    Refused(F),
    /// The item of one of the effects is not as the decision knew it.
    EffectOutdated,
    /// The item of the effect with this index is gone.
    Moot(usize),
    /// The commit was not written, because of another transaction or throttling. A retry may
    /// help.
    NotWritten(DbError),
    /// There was no response, or none that shows the outcome of the commit.
    Unknown(DbError),
    /// The commit was not written, and a retry will not help.
    Failed(DbError),
}

impl<F> From<DbError> for CommitError<F> {
    fn from(error: DbError) -> Self {
        Self::Failed(error)
    }
}

/// A write of a transaction, and a function that explains its failed condition from the existing
/// item.
type Part<'a, F> = (TransactWriteItem, Box<dyn Fn(Option<&Item>) -> CommitError<F> + Send + 'a>);

/// Generates a unique id for a commit: 22 characters.
pub(super) fn commit_id() -> String {
    URL_SAFE_NO_PAD.encode(random::random_uuid())
}

impl Db {
    pub(super) async fn commit<E: WriteEffect + Sync>(
        &self,
        commit: Commit<'_, E>,
    ) -> Result<(), CommitError<E::Refusal>> {
        self.note_offers(commit.head).await.map_err(CommitError::NotWritten)?;
        let events = commit.head.events.iter().map(|event| self.event(&commit, event));
        let effects = commit.effects.iter().enumerate();
        let effects = effects.map(|(place, effect)| self.effect(&commit, place, effect));
        let parts = std::iter::once(self.head_of(&commit)).chain(events).chain(effects);
        let (writes, explain): (_, Vec<_>) =
            parts.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes))
            .customize()
            // One request per attempt: the caller retries by itself and checks the outcome of
            // each attempt.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        let Err(error) = sent else { return Ok(()) };
        let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        else {
            return Err(outcome(error));
        };
        let reasons = cancelled.cancellation_reasons();
        let mut failed = reasons.iter().zip(explain).filter(|(reason, _)| has_failed(reason));
        // The head is the first write, so its failure is reported first: a changed head needs a
        // new decision. While another transaction is in progress, a refused effect may be caused
        // by that transaction or by an earlier attempt.
        Err(match failed.next() {
            Some((reason, explain)) => match explain(reason.item()) {
                CommitError::Refused(_) | CommitError::EffectOutdated | CommitError::Moot(_)
                    if is_contended(reasons) =>
                {
                    CommitError::NotWritten(DbError::Conflict)
                }
                verdict => verdict,
            },
            None => cancelled_for(reasons),
        })
    }

    fn head_of<E: WriteEffect>(
        &self,
        commit: &Commit<'_, E>,
    ) -> Result<Part<'static, E::Refusal>, DbError> {
        let (table, item) = (&self.tables.orders, commit.head.clone().into_item()?);
        let put = match commit.read {
            None => put_new(table, item),
            Some(version) => put(table, item)
                .condition_expression("version = :read")
                .expression_attribute_values(":read", AttributeValue::N(version.to_string())),
        };
        let put = put
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let explain = |current: Option<&Item>| match current.cloned().map(Head::from_item) {
            Some(Ok(head)) => CommitError::Outdated(Box::new(head)),
            Some(Err(error)) => CommitError::Failed(error),
            None => CommitError::Failed(DbError::corrupt("the order's head is missing")),
        };
        Ok((write(put)?, Box::new(explain)))
    }

    fn event<E: WriteEffect>(
        &self,
        commit: &Commit<'_, E>,
        event: &Event,
    ) -> Result<Part<'static, E::Refusal>, DbError> {
        let Head { order, commit_id, .. } = commit.head;
        let ends_commit = event.version == order.version;
        let item = serde_dynamo::to_item(HistoryItem {
            order_id: order.id,
            version: event.version,
            commit_id: commit_id.clone(),
            request: commit.request.filter(|_| ends_commit).cloned(),
            event: StoredEvent::from(event),
        })?;
        let version = event.version;
        let explain = move |_: Option<&Item>| {
            let what = format_args!("version {version} is in history, but the head is older");
            CommitError::Failed(DbError::corrupt(what))
        };
        Ok((write(put_new(&self.tables.history, item))?, Box::new(explain)))
    }

    fn effect<'a, E: WriteEffect + Sync>(
        &self,
        commit: &Commit<'_, E>,
        place: usize,
        effect: &'a E,
    ) -> Result<Part<'a, E::Refusal>, DbError> {
        let explain = move |current: Option<&Item>| match effect.unmet(current) {
            Ok(Unmet::Refused(refusal)) => CommitError::Refused(refusal),
            Ok(Unmet::Outdated) => CommitError::EffectOutdated,
            Ok(Unmet::Moot) => CommitError::Moot(place),
            Err(error) => CommitError::Failed(error),
        };
        Ok((effect.write(commit.head.order.id, &self.tables)?, Box::new(explain)))
    }
}

pub(super) fn put(table: &str, item: Item) -> PutBuilder {
    Put::builder().table_name(table).set_item(Some(item))
}

/// Builds a write that fails if the item exists, for a table with the partition key `order_id`.
pub(super) fn put_new(table: &str, item: Item) -> PutBuilder {
    put(table, item).condition_expression("attribute_not_exists(order_id)")
}

pub(super) fn write(put: PutBuilder) -> Result<TransactWriteItem, DbError> {
    let put = put.build().map_err(DbError::corrupt)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

fn has_failed(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

fn is_contended(reasons: &[CancellationReason]) -> bool {
    reasons.iter().any(|reason| reason.code() == Some("TransactionConflict"))
}

/// Returns the outcome of an error other than a cancellation.
fn outcome<F>(error: SdkError<TransactWriteItemsError>) -> CommitError<F> {
    match error.as_service_error() {
        Some(
            TransactWriteItemsError::ProvisionedThroughputExceededException(_)
            | TransactWriteItemsError::RequestLimitExceeded(_)
            | TransactWriteItemsError::ThrottlingException(_),
        ) => CommitError::NotWritten(error.into()),
        Some(_) if is_final(&error) => CommitError::Failed(error.into()),
        // An internal error, a timeout, a broken connection.
        _ => CommitError::Unknown(error.into()),
    }
}

/// Returns the outcome of a transaction that was cancelled although every condition held.
fn cancelled_for<F>(reasons: &[CancellationReason]) -> CommitError<F> {
    if is_contended(reasons) {
        return CommitError::NotWritten(DbError::Conflict);
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    let refused = format!("the transaction was cancelled: {codes:?}");
    CommitError::NotWritten(DbError::Unavailable(refused.into()))
}
