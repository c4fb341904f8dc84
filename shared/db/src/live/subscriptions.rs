//! The subscriptions of connections to topics. A subscription changes in one transaction with its
//! connection's row, so that the limit holds under races and no row is left behind.

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use clock::Timestamp;
use domain::Principal;
use domain::topics::Topic;
use serde::Deserialize;

use super::connections::Holder;
use crate::transaction::NotMade;
use crate::{ConnectionId, Db, DbError, keys};

/// The maximum number of topics that one connection can be subscribed to.
pub const MAX_TOPICS: usize = 100;

/// The reason that a subscription failed.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// The connection is already subscribed to [`MAX_TOPICS`] topics.
    #[error("the connection has no room for another topic")]
    Full,
    /// The connection is not stored, or was deleted.
    #[error("the connection does not exist")]
    Gone,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// A connection that is subscribed to a topic.
#[derive(Clone, Debug)]
pub struct Subscriber {
    pub connection: ConnectionId,
    pub principal: Principal,
    /// The time at which the connection's token expires.
    pub expires_at: Timestamp,
}

impl Db {
    /// Subscribes a connection to a topic. A repeated call changes nothing.
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

    /// Unsubscribes a connection from a topic. A repeated call changes nothing.
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
            // A deleted connection has no subscriptions.
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

    /// Writes both rows.
    async fn write_both(
        &self,
        connection: aws_sdk_dynamodb::types::builders::UpdateBuilder,
        subscription: TransactWriteItem,
    ) -> Result<(), SubscribeError> {
        let connection = connection.build().map_err(DbError::corrupt)?;
        let connection = TransactWriteItem::builder().update(connection).build();
        Ok(Box::pin(self.transact([connection, subscription])).await?)
    }

    /// Reads all subscribers of a topic (read consistently, all pages).
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
            // A row that cannot be parsed must not hide the others.
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

impl From<NotMade> for SubscribeError {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::Unmet(Some(_)) => Self::Full,
            NotMade::Unmet(None) => Self::Gone,
            NotMade::Db(error) => error.into(),
        }
    }
}
