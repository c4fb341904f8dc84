//! The tables in DynamoDB. No other crate knows tables, keys and items.

mod couriers;
mod drivers;
mod error;
mod keys;
mod live;
mod merchants;
mod orders;
mod positions;
mod retry;
mod shards;
mod stores;
mod transaction;
mod webhooks;

pub use drivers::{DriverPage, StoredDriver};
pub use error::DbError;
pub use live::{
    Census, ConnectError, ConnectionId, MAX_TOPICS, PrincipalConnections, SubscribeError,
    Subscriber, Ticket,
};
pub use merchants::MerchantSettings;
pub use orders::{
    ChangeError, Consistency, CreateError, Digest, Dispatched, DueError, Head, KeyedRequest,
    ListError, Missed, OnTheWay, Outcome, Overdue, Page, Position, Replay, Timelines, Unmet,
    Unplannable, WriteEffect,
};
pub use positions::{Kept, LastPosition, MovedDriver, Whereabouts};
pub use shards::Shards;
pub use stores::{StorePage, StoredStore};
pub use webhooks::{
    Attempt, DeliveryPage, EndpointChange, EndpointError, FailedDelivery, Health, MAX_ENDPOINTS,
    MessageId, Response, Secrets, StoredEndpoint, WebhookSecret,
};

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::types::KeysAndAttributes;

/// An item of a table, or its key.
pub type Item = HashMap<String, AttributeValue>;

/// The tables of one deployment.
#[derive(Clone, Debug)]
pub struct Db {
    client: Client,
    tables: Tables,
    shards: Shards,
}

/// The names of the tables.
#[derive(Clone, Debug)]
pub struct Tables {
    /// The heads of orders.
    pub orders: String,
    /// Events, which never change.
    pub history: String,
    /// Personal and large data.
    pub details: String,
    /// Connections, their subscriptions, and tickets.
    pub subscriptions: String,
    pub merchants: String,
    /// The records of stores.
    pub stores: String,
    /// Rosters and profiles.
    pub drivers: String,
    /// The last positions of drivers.
    pub positions: String,
    /// The endpoints of webhooks.
    pub webhooks: String,
    /// Deliveries of webhooks that failed.
    pub deliveries: String,
}

impl Tables {
    /// Reads the names from the environment variables of template.yaml, which `variable` looks
    /// up.
    pub fn read<E>(variable: impl Fn(&'static str) -> Result<String, E>) -> Result<Self, E> {
        Ok(Self {
            orders: variable("ORDERS_TABLE")?,
            history: variable("HISTORY_TABLE")?,
            details: variable("DETAILS_TABLE")?,
            subscriptions: variable("SUBSCRIPTIONS_TABLE")?,
            merchants: variable("MERCHANTS_TABLE")?,
            stores: variable("STORES_TABLE")?,
            drivers: variable("DRIVERS_TABLE")?,
            positions: variable("POSITIONS_TABLE")?,
            webhooks: variable("WEBHOOKS_TABLE")?,
            deliveries: variable("DELIVERIES_TABLE")?,
        })
    }
}

impl Db {
    /// Creates a handle to these tables, reached through `client`.
    pub const fn new(client: Client, tables: Tables, shards: Shards) -> Self {
        Self { client, tables, shards }
    }

    /// Reads the item with this key, or only the attributes in `projection` unless it is empty.
    async fn get(
        &self,
        table: &str,
        key: Item,
        consistency: Consistency,
        projection: &[&str],
    ) -> Result<Option<Item>, DbError> {
        // Placeholders, because a name can be a reserved word of DynamoDB.
        let placeholder = |name: &&str| format!("#{name}");
        let (expression, names) = if projection.is_empty() {
            (None, None)
        } else {
            let names = projection.iter().map(|name| (placeholder(name), (*name).to_owned()));
            let expression: Vec<_> = projection.iter().map(placeholder).collect();
            (Some(expression.join(", ")), Some(names.collect()))
        };
        let response = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(consistency == Consistency::Strong)
            .set_projection_expression(expression)
            .set_expression_attribute_names(names)
            .send()
            .await?;
        Ok(response.item)
    }

    /// Reads the items with these keys, at most 100, in no order. Those that do not exist are left
    /// out.
    async fn get_all(
        &self,
        table: &str,
        keys: Vec<Item>,
        consistency: Consistency,
    ) -> Result<Vec<Item>, DbError> {
        let (mut wanted, mut items, mut tries) = (keys, Vec::new(), retry::Tries::new());
        while !wanted.is_empty() {
            if !tries.begin() {
                return Err(DbError::Unavailable("DynamoDB left part of a batch unread".into()));
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(consistency == Consistency::Strong)
                .build()
                .map_err(DbError::corrupt)?;
            let read = self.client.batch_get_item().request_items(table, keys).send().await?;
            items.extend(read.responses.into_iter().flat_map(HashMap::into_values).flatten());
            let unprocessed = read.unprocessed_keys.unwrap_or_default();
            wanted = unprocessed.into_values().flat_map(|keys| keys.keys).collect();
            if !wanted.is_empty() {
                tries.pause().await;
            }
        }
        Ok(items)
    }

    /// Writes an item, and replaces an existing one.
    async fn put(&self, table: &str, item: Item) -> Result<(), DbError> {
        let put = self.client.put_item().table_name(table).set_item(Some(item));
        retry::unless_held(|| put.clone().send()).await?;
        Ok(())
    }
}
