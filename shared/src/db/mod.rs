//! The tables in DynamoDB: the only code that knows tables, keys and items.

mod error;
mod keys;
mod live;
mod merchants;
mod orders;
mod retry;

pub use error::DbError;
pub use live::{ConnectionId, MAX_TOPICS, SubscribeError, Subscriber, Ticket};
pub use merchants::MerchantSettings;
pub use orders::{
    ChangeError, Consistency, CreateError, Digest, Direction, DueError, Head, KeyedRequest,
    ListError, Outcome, Overdue, Page, Position, Replay, Timelines, Unplannable, WriteEffect,
};

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::config::{Config, Shards};

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
    orders: String,
    history: String,
    details: String,
    subscriptions: String,
    merchants: String,
}

impl Db {
    /// The tables that `config` names, reached through `client`.
    pub fn new(client: Client, config: &Config) -> Self {
        let tables = Tables {
            orders: config.orders_table.clone(),
            history: config.history_table.clone(),
            details: config.details_table.clone(),
            subscriptions: config.subscriptions_table.clone(),
            merchants: config.merchants_table.clone(),
        };
        Self { client, tables, shards: config.order_shards }
    }

    /// The item with this key; of its attributes those that `projection` names, if it names
    /// any.
    async fn get(
        &self,
        table: &str,
        key: Item,
        consistency: Consistency,
        projection: Option<&str>,
    ) -> Result<Option<Item>, DbError> {
        let response = self
            .client
            .get_item()
            .table_name(table)
            .set_key(Some(key))
            .consistent_read(consistency == Consistency::Strong)
            .set_projection_expression(projection.map(str::to_owned))
            .send()
            .await?;
        Ok(response.item)
    }

    /// Writes an item, whatever is there.
    async fn put(&self, table: &str, item: Item) -> Result<(), DbError> {
        self.client.put_item().table_name(table).set_item(Some(item)).send().await?;
        Ok(())
    }
}
