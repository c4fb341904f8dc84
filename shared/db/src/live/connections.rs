//! Connections. Each has one row, which lists its topics and expires with its token.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use clock::Timestamp;
use domain::Principal;
use domain::topics::Topic;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::retry::unless_held;
use crate::{Consistency, Db, DbError, Item, keys};

/// API Gateway's id of a connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConnectionId(String);

impl ConnectionId {
    /// Wraps an id from API Gateway.
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The principal of a connection, as stored in the connection's own row and in each of its
/// subscriptions.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Holder {
    pub(super) principal: Principal,
    /// The expiry of the token in seconds since 1970, which is the table's TTL.
    expires_at: i64,
}

impl Holder {
    pub(super) fn new(principal: &Principal, expires_at: Timestamp) -> Self {
        Self { principal: principal.clone(), expires_at: expires_at.epoch_seconds() }
    }

    pub(super) fn expires_at(&self) -> Timestamp {
        Timestamp::from_epoch_seconds(self.expires_at).unwrap_or(Timestamp::EPOCH)
    }

    /// Returns the row with this key.
    pub(super) fn at(&self, key: Item) -> Result<Item, DbError> {
        let mut item: HashMap<_, _> = serde_dynamo::to_item(self)?;
        item.extend(key);
        Ok(item)
    }
}

impl Db {
    /// Stores a connection until its token expires.
    pub async fn connect(
        &self,
        connection: &ConnectionId,
        principal: &Principal,
        expires_at: Timestamp,
    ) -> Result<(), DbError> {
        let item = Holder::new(principal, expires_at).at(keys::connection(connection))?;
        self.put(&self.tables.subscriptions, item).await
    }

    /// True if the connection is stored (read consistently).
    pub async fn is_connected(&self, connection: &ConnectionId) -> Result<bool, DbError> {
        let (table, key) = (&self.tables.subscriptions, keys::connection(connection));
        let item = self.get(table, key, Consistency::Strong, &["connection_id"]).await?;
        Ok(item.is_some())
    }

    /// Finds connections whose token has expired by `now`, about `most` at most. Reads the whole
    /// table, which has rows of open connections and unused tickets only.
    pub async fn expired_connections(
        &self,
        now: Timestamp,
        most: usize,
    ) -> Result<Vec<ConnectionId>, DbError> {
        #[derive(Deserialize)]
        struct Row {
            connection_id: ConnectionId,
        }
        let mut pages = self
            .client
            .scan()
            .table_name(&self.tables.subscriptions)
            .filter_expression("begins_with(topic, :connection) AND expires_at <= :now")
            .expression_attribute_values(":connection", AttributeValue::S(keys::CONNECTION.into()))
            .expression_attribute_values(":now", AttributeValue::N(now.epoch_seconds().to_string()))
            .projection_expression("connection_id")
            .into_paginator()
            .send();
        let mut expired = Vec::new();
        while expired.len() < most
            && let Some(page) = pages.next().await
        {
            let rows: Vec<Row> = serde_dynamo::from_items(page?.items.unwrap_or_default())?;
            expired.extend(rows.into_iter().map(|row| row.connection_id));
        }
        Ok(expired)
    }

    /// Deletes a connection and its subscriptions. The connection's own row, which lists its
    /// topics, is deleted first, so that no subscription can be added meanwhile. `known` are
    /// further topics that the caller found the connection subscribed to, because an earlier
    /// attempt may have stopped halfway.
    pub async fn disconnect(
        &self,
        connection: &ConnectionId,
        known: &[&Topic],
    ) -> Result<(), DbError> {
        let key = keys::connection(connection);
        let delete = self.delete(key).return_values(ReturnValue::AllOld);
        let gone = unless_held(|| delete.clone().send()).await?;
        let mut row = gone.attributes.unwrap_or_default();
        let mut topics: BTreeSet<_> = known.iter().map(ToString::to_string).collect();
        if let Some(AttributeValue::Ss(named)) = row.remove("topics") {
            topics.extend(named);
        }
        stream::iter(topics)
            .map(|topic| self.delete_subscription(topic, connection))
            .buffer_unordered(8)
            .try_collect()
            .await
    }

    async fn delete_subscription(
        &self,
        topic: String,
        connection: &ConnectionId,
    ) -> Result<(), DbError> {
        let delete = self.delete(keys::subscription(&topic, connection));
        unless_held(|| delete.clone().send()).await?;
        Ok(())
    }

    fn delete(&self, key: Item) -> DeleteItemFluentBuilder {
        self.client.delete_item().table_name(&self.tables.subscriptions).set_key(Some(key))
    }
}
