//! The errors of this crate.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;

/// An error of a read or a write of the tables.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Other requests changed the same order before each of our attempts.
    #[error("other requests kept changing the order")]
    Conflict,
    /// DynamoDB throttled or rejected the request, or did not respond. A write may have happened.
    #[error("DynamoDB did not complete the request")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    #[error("stored data cannot be parsed: {0}")]
    Corrupt(String),
}

impl DbError {
    pub(super) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}

impl<E, R> From<SdkError<E, R>> for DbError
where
    E: Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

impl From<serde_dynamo::Error> for DbError {
    fn from(error: serde_dynamo::Error) -> Self {
        Self::corrupt(error)
    }
}

/// True if DynamoDB rejected a transaction as such, for example because a policy does not allow
/// it, so that a retry will not help.
pub(super) fn is_final(error: &SdkError<TransactWriteItemsError>) -> bool {
    use TransactWriteItemsError::{
        ProvisionedThroughputExceededException, RequestLimitExceeded, ThrottlingException,
        TransactionCanceledException, TransactionInProgressException,
    };
    let may_pass = matches!(
        error.as_service_error(),
        Some(
            TransactionCanceledException(_)
                | ProvisionedThroughputExceededException(_)
                | RequestLimitExceeded(_)
                | ThrottlingException(_)
                | TransactionInProgressException(_)
        )
    );
    !may_pass && error.raw_response().is_some_and(|it| it.status().is_client_error())
}

/// True if a transaction held the item that the request would have written. Nothing was written.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling>
pub(super) fn is_conflict<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(E::code) == Some("TransactionConflictException")
}

/// True if the item did not meet the request's condition. Nothing was written.
pub(super) fn is_unmet<E: ProvideErrorMetadata, R>(error: &SdkError<E, R>) -> bool {
    error.as_service_error().and_then(E::code) == Some("ConditionalCheckFailedException")
}
