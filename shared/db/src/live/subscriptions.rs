//! Who listens to what. A subscription changes in one transaction with its
//! connection's row, so that bounds hold under races and no row is left behind.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use clock::Timestamp;
use domain::Principal;
use domain::topics::Topic;
use serde::Deserialize;

use super::connections::Holder;
use crate::error::is_final;
use crate::retry::Tries;
use crate::{ConnectionId, Db, DbError, keys};

/// The most topics that one connection listens to.
pub const MAX_TOPICS: usize = 100;

/// Why a connection does not listen to a topic.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The connection listens to [`MAX_TOPICS`] topics already.
    #[error("the connection has no room for another topic")]
    Full,
    /// The connection was forgotten.
    #[error("the connection does not exist")]
    Gone,
    /// The tables did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A connection that listens to a topic.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Which connection.
    pub connection: ConnectionId,
    /// Whose it is.
    pub principal: Principal,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Db {
    /// Lets a connection listen to a topic; again is no change.
    pub async fn subscribe(
        &self,
        connection: &ConnectionId,
        principal: &Principal,
        expires_at: Timestamp,
        topic: &Topic,
    ) -> Result<(), SubscribeError> {
        let text = topic.to_string();
        let item = Holder::new(principal, expires_at).at(keys::subscription(&text, connection))?;
        let row =
            Put::builder().table_name(&self.tables.subscriptions).set_item(Some(item)).build();
        let row = TransactWriteItem::builder().put(row.map_err(DbError::corrupt)?).build();
        let condition = "attribute_exists(connection_id) AND (attribute_not_exists(topics) \
                         OR size(topics) < :most OR contains(topics, :topic))";
        let update = self
            .topics_update(connection, &text, "ADD topics :topics")
            .condition_expression(condition)
            .expression_attribute_values(":most", AttributeValue::N(MAX_TOPICS.to_string()))
            .expression_attribute_values(":topic", AttributeValue::S(text));
        self.write_both(update, row).await
    }

    /// Lets a connection listen to a topic no more; again is no change.
    pub async fn unsubscribe(
        &self,
        connection: &ConnectionId,
        topic: &Topic,
    ) -> Result<(), DbError> {
        let text = topic.to_string();
        let row = Delete::builder()
            .table_name(&self.tables.subscriptions)
            .set_key(Some(keys::subscription(&text, connection)))
            .build();
        let row = TransactWriteItem::builder().delete(row.map_err(DbError::corrupt)?).build();
        let update = self
            .topics_update(connection, &text, "DELETE topics :topics")
            .condition_expression("attribute_exists(connection_id)");
        match self.write_both(update, row).await {
            // A connection that is gone listens to nothing.
            Ok(()) | Err(SubscribeError::Full | SubscribeError::Gone) => Ok(()),
            Err(SubscribeError::Db(error)) => Err(error),
        }
    }

    fn topics_update(
        &self,
        connection: &ConnectionId,
        topic: &str,
        expression: &str,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.tables.subscriptions)
            .set_key(Some(keys::connection(connection)))
            .update_expression(expression)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .expression_attribute_values(":topics", AttributeValue::Ss(vec![topic.to_owned()]))
    }

    /// Both writes are the same however often they happen, so a doubt is settled by
    /// writing again.
    async fn write_both(
        &self,
        connection: aws_sdk_dynamodb::types::builders::UpdateBuilder,
        subscription: TransactWriteItem,
    ) -> Result<(), SubscribeError> {
        let connection = connection.build().map_err(DbError::corrupt)?;
        let connection = TransactWriteItem::builder().update(connection).build();
        let writes = self
            .client
            .transact_write_items()
            .set_transact_items(Some(vec![connection, subscription]));
        let mut tries = Tries::new();
        let mut last_error = DbError::Conflict;
        while tries.begin() {
            let Err(error) = writes.clone().send().await else { return Ok(()) };
            if let Some(refused) = refused(&error) {
                return Err(refused);
            }
            if is_final(&error) {
                return Err(DbError::from(error).into());
            }
            last_error = error.into();
            tries.pause().await;
        }
        Err(last_error.into())
    }

    /// Everybody who listens to a topic (read consistently, to the end).
    pub async fn subscribers(&self, topic: &Topic) -> Result<Vec<Subscriber>, DbError> {
        #[derive(Deserialize)]
        struct Row {
            connection_id: ConnectionId,
            #[serde(flatten)]
            holder: Holder,
        }
        let mut pages = self
            .client
            .query()
            .table_name(&self.tables.subscriptions)
            .consistent_read(true)
            .key_condition_expression("topic = :topic")
            .expression_attribute_values(":topic", AttributeValue::S(topic.to_string()))
            .into_paginator()
            .items()
            .send();
        let mut subscribers = Vec::new();
        while let Some(item) = pages.next().await {
            // One row that does not read must not silence the others.
            match serde_dynamo::from_item::<_, Row>(item?) {
                Ok(row) => subscribers.push(Subscriber {
                    connection: row.connection_id,
                    expires_at: row.holder.expires_at(),
                    principal: row.holder.principal,
                }),
                Err(error) => tracing::error!(%topic, %error, "a subscription cannot be parsed"),
            }
        }
        Ok(subscribers)
    }
}

/// Which condition failed: the row that did not meet it comes with the error.
fn refused<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<SubscribeError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return None;
    };
    let mut reasons = cancelled.cancellation_reasons().iter();
    let failed = reasons.find(|reason| reason.code() == Some("ConditionalCheckFailed"))?;
    let is_there = failed.item().is_some_and(|row| !row.is_empty());
    Some(if is_there { SubscribeError::Full } else { SubscribeError::Gone })
}
