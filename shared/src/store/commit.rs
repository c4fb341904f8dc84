//! One commit, one transaction: the head where it is as it was read, and each
//! event where there is none.

use std::collections::HashMap;

use aws_sdk_dynamodb::config::Config;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, Delete, Put, ReturnValuesOnConditionCheckFailure,
    TransactWriteItem,
};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::error::is_final;
use super::event::{HistoryItem, StoredEvent};
use super::idempotency::KeyedRequest;
use super::{Head, Store, StoreError, keys};
use crate::domain::{Correction, Details, ExternalId, MerchantId, OrderId, Version};
use crate::edge;

/// What one commit writes.
pub(super) struct Commit<'a> {
    /// The head as it shall be, with the commit's id and events.
    pub(super) head: &'a Head,
    /// The version that was read; none if the order is new.
    pub(super) read: Option<Version>,
    /// The request that asked for it.
    pub(super) request: Option<&'a KeyedRequest>,
    /// What becomes of the details.
    pub(super) details: Option<DetailsWrite<'a>>,
}

/// What a commit makes of an order's details.
#[derive(Clone, Copy)]
pub(super) enum DetailsWrite<'a> {
    /// Those of a new order.
    Put(&'a Details),
    /// Some of them as they should have been.
    Correct(&'a Correction),
    /// None.
    Erase,
}

/// Why a commit did not succeed.
#[derive(Debug)]
pub(super) enum CommitError {
    /// The head is not as it was read, but like this.
    Outdated(Box<Head>),
    /// The merchant gave the same `external_id` to another order.
    ExternalIdTaken,
    /// It was not written: another transaction is at work, or DynamoDB throttles.
    /// Trying again may help.
    NotWritten(StoreError),
    /// There is no answer, or none that says whether it was written.
    Unknown(StoreError),
    /// It was not written, and trying again will not help.
    Failed(StoreError),
}

impl From<StoreError> for CommitError {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

/// A name for a commit that nobody else gives one: 22 characters.
pub(super) fn commit_id() -> String {
    URL_SAFE_NO_PAD.encode(edge::random_uuid())
}

impl Store {
    pub(super) async fn commit(&self, commit: Commit<'_>) -> Result<(), CommitError> {
        let sent = self
            .client
            .transact_write_items()
            .set_transact_items(Some(self.writes(&commit)?))
            .customize()
            // One request a try: whoever commits knows how to find out what became of it.
            .config_override(Config::builder().retry_config(RetryConfig::disabled()))
            .send()
            .await;
        sent.map(drop).map_err(|error| explain(error, commit.read.is_none()))
    }

    /// The transaction's writes; the head comes first, a lock second.
    fn writes(&self, commit: &Commit<'_>) -> Result<Vec<TransactWriteItem>, StoreError> {
        let Head { order, events, commit_id, .. } = commit.head;
        let mut writes = vec![self.write_head(commit)?];
        if let (Some(external_id), None) = (&order.external_id, commit.read) {
            writes.push(self.write_lock(&order.merchant, external_id, commit.head)?);
        }
        for event in events {
            let ends_commit = event.version == order.version;
            let item = serde_dynamo::to_item(HistoryItem {
                order_id: order.id,
                version: event.version,
                commit_id: commit_id.clone(),
                request: commit.request.filter(|_| ends_commit).cloned(),
                event: StoredEvent::from(event),
            })?;
            writes.push(write(put_new(&self.history, item))?);
        }
        writes.extend(
            commit.details.map(|details| self.write_details(order.id, details)).transpose()?,
        );
        Ok(writes)
    }

    fn write_head(&self, commit: &Commit<'_>) -> Result<TransactWriteItem, StoreError> {
        let item = commit.head.clone().into_item()?;
        let put = match commit.read {
            None => put_new(&self.orders, item),
            Some(version) => put(&self.orders, item)
                .condition_expression("version = :read")
                .expression_attribute_values(":read", AttributeValue::N(version.to_string())),
        };
        write(
            put.return_values_on_condition_check_failure(
                ReturnValuesOnConditionCheckFailure::AllOld,
            ),
        )
    }

    fn write_details(
        &self,
        id: OrderId,
        details: DetailsWrite<'_>,
    ) -> Result<TransactWriteItem, StoreError> {
        match details {
            DetailsWrite::Put(details) => {
                write(put_new(&self.details, super::details::to_item(id, details)?))
            }
            DetailsWrite::Correct(correction) => {
                let update = super::details::correction(correction)
                    .table_name(&self.details)
                    .set_key(Some(keys::details(id)))
                    .condition_expression("attribute_exists(order_id)")
                    .build()
                    .map_err(StoreError::corrupt)?;
                Ok(TransactWriteItem::builder().update(update).build())
            }
            DetailsWrite::Erase => {
                let delete = Delete::builder()
                    .table_name(&self.details)
                    .set_key(Some(keys::details(id)))
                    .build()
                    .map_err(StoreError::corrupt)?;
                Ok(TransactWriteItem::builder().delete(delete).build())
            }
        }
    }

    fn write_lock(
        &self,
        merchant: &MerchantId,
        external_id: &ExternalId,
        head: &Head,
    ) -> Result<TransactWriteItem, StoreError> {
        let mut item = keys::external_id(merchant, external_id);
        item.insert("order".to_owned(), AttributeValue::S(head.order.id.to_string()));
        write(put_new(&self.details, item))
    }
}

type PutBuilder = aws_sdk_dynamodb::types::builders::PutBuilder;

fn put(table: &str, item: HashMap<String, AttributeValue>) -> PutBuilder {
    Put::builder().table_name(table).set_item(Some(item))
}

/// Every table that a commit writes has `order_id` as its partition key.
fn put_new(table: &str, item: HashMap<String, AttributeValue>) -> PutBuilder {
    put(table, item).condition_expression("attribute_not_exists(order_id)")
}

fn write(put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
    let put = put.build().map_err(StoreError::corrupt)?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Reads what the answer says of the outcome, and what it leaves open.
fn explain(error: SdkError<TransactWriteItemsError>, is_new: bool) -> CommitError {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            explain_reasons(cancelled.cancellation_reasons(), is_new)
        }
        Some(
            TransactWriteItemsError::ProvisionedThroughputExceededException(_)
            | TransactWriteItemsError::RequestLimitExceeded(_)
            | TransactWriteItemsError::ThrottlingException(_),
        ) => CommitError::NotWritten(error.into()),
        Some(_) if is_final(&error) => CommitError::Failed(error.into()),
        // An internal error, a time-out, a broken connection.
        _ => CommitError::Unknown(error.into()),
    }
}

fn explain_reasons(reasons: &[CancellationReason], is_new: bool) -> CommitError {
    let failed = |reason: &CancellationReason| reason.code() == Some("ConditionalCheckFailed");
    if let Some(head) = reasons.first().filter(|reason| failed(reason)) {
        return match head.item().cloned().map(Head::from_item) {
            Some(Ok(head)) => CommitError::Outdated(Box::new(head)),
            Some(Err(error)) => CommitError::Failed(error),
            None => CommitError::Failed(StoreError::corrupt("the order's head is gone")),
        };
    }
    if is_new && reasons.get(1).is_some_and(failed) {
        return CommitError::ExternalIdTaken;
    }
    if let Some(index) = reasons.iter().position(failed) {
        let what =
            format_args!("write {index} of a commit does not fit what is there, its head does");
        return CommitError::Failed(StoreError::corrupt(what));
    }
    let codes: Vec<_> = reasons.iter().filter_map(CancellationReason::code).collect();
    if codes.contains(&"TransactionConflict") {
        return CommitError::NotWritten(StoreError::Conflict);
    }
    let refused = format!("the transaction was cancelled: {codes:?}");
    CommitError::NotWritten(StoreError::Unavailable(refused.into()))
}
