//! Transactions that can be repeated when their outcome is unknown. Commits of orders have a way of
//! their own.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::TransactWriteItem;

use crate::error::is_final;
use crate::retry::Tries;
use crate::{Db, DbError, Item};

/// The reason that a transaction was not made.
#[derive(Debug)]
pub(crate) enum NotMade {
    /// An item did not meet its condition. Carries the item, if the write asked for it and the
    /// item exists.
    Unmet(Option<Item>),
    Db(DbError),
}

impl From<DbError> for NotMade {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl Db {
    /// Makes all the writes or none, and repeats them if the outcome is unknown. For ten minutes
    /// DynamoDB recognises a repetition by its token.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
    pub(crate) async fn transact<const N: usize>(
        &self,
        writes: [TransactWriteItem; N],
    ) -> Result<(), NotMade> {
        let writes = self
            .client
            .transact_write_items()
            .set_transact_items(Some(writes.to_vec()))
            .client_request_token(random::random_uuid().to_string());
        let mut tries = Tries::new();
        let mut last_error = DbError::Conflict;
        while tries.begin() {
            let Err(error) = writes.clone().send().await else { return Ok(()) };
            if let Some(item) = unmet(&error) {
                return Err(NotMade::Unmet(item));
            }
            if is_final(&error) {
                return Err(DbError::from(error).into());
            }
            last_error = error.into();
            tries.pause().await;
        }
        Err(last_error.into())
    }
}

/// Returns the item that did not meet its condition, if that is why the transaction was cancelled.
#[expect(clippy::option_option, reason = "an item that does not exist can be unmet too")]
fn unmet<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Option<Item>> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return None;
    };
    let mut reasons = cancelled.cancellation_reasons().iter();
    let failed = reasons.find(|reason| reason.code() == Some("ConditionalCheckFailed"))?;
    Some(failed.item().filter(|item| !item.is_empty()).cloned())
}
