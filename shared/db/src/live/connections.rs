//! Connections. Each has one row, which lists its topics and expires with its token.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use clock::Timestamp;
use domain::Principal;
use domain::topics::Topic;
use futures_util::{StreamExt, TryStreamExt, future, stream};
use serde::{Deserialize, Serialize};

use super::principals::COUNTED_AT;
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
    /// Stores a connection until its token expires, however many its principal has.
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

    /// Deletes a connection and its subscriptions, and takes it out of the count of its principal
    /// if it is counted. The connection's own row, which lists its topics, is deleted first, so
    /// that no subscription can be added meanwhile. `known` are further topics that the caller
    /// found the connection subscribed to, because an earlier attempt may have stopped halfway;
    /// such an attempt also leaves the connection counted, until a sweep finds that it has no row.
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
        let unsubscribed = stream::iter(topics)
            .map(|topic| self.delete_subscription(topic, connection))
            .buffer_unordered(8)
            .try_collect::<()>();
        let (uncounted, unsubscribed) =
            future::join(self.uncount_row(row, connection), unsubscribed).await;
        uncounted.and(unsubscribed)
    }

    /// Takes the connection that had this row out of the count of its principal.
    async fn uncount_row(&self, row: Item, connection: &ConnectionId) -> Result<(), DbError> {
        if !row.contains_key(COUNTED_AT) {
            return Ok(());
        }
        let Holder { principal, .. } = serde_dynamo::from_item(row)?;
        self.uncount(keys::principal(&principal), [connection]).await
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
