//! The connections of each principal, as a set of their ids in one row. So the count is the size
//! of the set, and no write changes it twice.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use clock::Timestamp;
use domain::Principal;

use super::connections::Holder;
use crate::retry::if_met;
use crate::transaction::NotMade;
use crate::{ConnectionId, Consistency, Db, DbError, Item, keys};

/// The attribute of a connection's row that says that its principal's row has the connection too:
/// the time of the connection, in seconds since 1970.
pub(super) const COUNTED_AT: &str = "counted_at";

/// The attribute with the ids. A set is never empty: without connections there is no attribute.
const CONNECTIONS: &str = "connections";

/// A time after which a row without a new connection has none, in seconds: API Gateway ends every
/// connection after two hours.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const LIFETIME_SECONDS: i64 = 3 * 60 * 60;

/// The reason that a connection was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The principal has as many connections as it may have.
    #[error("the principal has no room for another connection")]
    Full,
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<NotMade> for ConnectError {
    fn from(error: NotMade) -> Self {
        match error {
            NotMade::Unmet(_) => Self::Full,
            NotMade::Db(error) => error.into(),
        }
    }
}

impl Db {
    /// Stores a connection until its token expires, unless its principal has `most` connections.
    /// A repeated call changes nothing.
    pub async fn connect_within(
        &self,
        most: usize,
        connection: &ConnectionId,
        principal: &Principal,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), ConnectError> {
        let mut row = Holder::new(principal, expires_at).at(keys::connection(connection))?;
        row.insert(COUNTED_AT.to_owned(), seconds(now));
        let row = Put::builder().table_name(&self.tables.subscriptions).set_item(Some(row));
        let row = TransactWriteItem::builder().put(row.build().map_err(DbError::corrupt)?).build();
        let count = Update::builder()
            .table_name(&self.tables.subscriptions)
            .set_key(Some(keys::principal(principal)))
            .update_expression("ADD connections :ids SET expires_at = :empty_at")
            .condition_expression(
                "attribute_not_exists(connections) OR size(connections) < :most \
                 OR contains(connections, :id)",
            )
            .expression_attribute_values(":ids", ids([connection]))
            .expression_attribute_values(":id", AttributeValue::S(connection.to_string()))
            .expression_attribute_values(":most", AttributeValue::N(most.to_string()))
            .expression_attribute_values(":empty_at", seconds(now.plus_seconds(LIFETIME_SECONDS)));
        let count = count.build().map_err(DbError::corrupt)?;
        let count = TransactWriteItem::builder().update(count).build();
        Ok(self.transact([row, count]).await?)
    }

    /// Returns the number of connections that are counted for a principal (read consistently).
    pub async fn connections_of(&self, principal: &Principal) -> Result<usize, DbError> {
        let (table, key) = (&self.tables.subscriptions, keys::principal(principal));
        let row = self.get(table, key, Consistency::Strong, &[CONNECTIONS]).await?;
        let ids = row.unwrap_or_default().remove(CONNECTIONS);
        Ok(ids.as_ref().and_then(|ids| ids.as_ss().ok()).map_or(0, Vec::len))
    }

    /// Takes connections out of the row with this key.
    pub(super) async fn uncount<'c>(
        &self,
        row: Item,
        connections: impl IntoIterator<Item = &'c ConnectionId>,
    ) -> Result<(), DbError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.subscriptions)
            .set_key(Some(row))
            .update_expression("DELETE connections :ids")
            // An update would make a row that does not exist.
            .condition_expression("attribute_exists(topic)")
            .expression_attribute_values(":ids", ids(connections));
        if_met(|| update.clone().send()).await?;
        Ok(())
    }
}

fn seconds(at: Timestamp) -> AttributeValue {
    AttributeValue::N(at.epoch_seconds().to_string())
}

fn ids<'c>(connections: impl IntoIterator<Item = &'c ConnectionId>) -> AttributeValue {
    AttributeValue::Ss(connections.into_iter().map(ToString::to_string).collect())
}
