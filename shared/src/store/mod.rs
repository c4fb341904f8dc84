//! Orders in DynamoDB: the only code that knows tables, keys and items.

mod backoff;
mod basket;
mod change;
mod commit;
mod connections;
mod create;
mod details;
mod due;
mod error;
mod event;
mod event_data;
mod head;
mod history;
mod idempotency;
mod keys;
mod list;
mod merchants;
mod plan;
mod subscriptions;
mod terms;
mod tickets;
mod timelines;
mod walk;

pub use change::{ChangeError, DetailsChange, Outcome, Replay};
pub use connections::ConnectionId;
pub use create::CreateError;
pub use due::{DueError, Overdue};
pub use error::StoreError;
pub use head::Head;
pub use idempotency::{Digest, KeyedRequest};
pub use list::{Consistency, Direction, ListError, Page, Position};
pub use merchants::MerchantSettings;
pub use plan::Unplannable;
pub use subscriptions::{MAX_TOPICS, SubscribeError, Subscriber};
pub use tickets::Ticket;
pub use timelines::Timelines;

use aws_sdk_dynamodb::Client;

use crate::config::{Config, Shards};
use crate::domain::{Details, HandoverCode, OrderId};

/// The tables of one deployment.
#[derive(Clone, Debug)]
pub struct Store {
    client: Client,
    orders: String,
    history: String,
    details: String,
    subscriptions: String,
    merchants: String,
    shards: Shards,
}

impl Store {
    /// The store that `config` names, reached through `client`.
    pub fn new(client: Client, config: &Config) -> Self {
        Self {
            client,
            orders: config.orders_table.clone(),
            history: config.history_table.clone(),
            details: config.details_table.clone(),
            subscriptions: config.subscriptions_table.clone(),
            merchants: config.merchants_table.clone(),
            shards: config.order_shards,
        }
    }

    /// The order's head as it is now (read consistently).
    pub async fn head(&self, id: OrderId) -> Result<Option<Head>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.orders)
            .set_key(Some(keys::head(id)))
            .consistent_read(true)
            .send()
            .await?;
        answer.item.map(Head::from_item).transpose()
    }

    /// The order's handover code, and nothing else of its details (read consistently).
    pub async fn handover_code(&self, id: OrderId) -> Result<Option<HandoverCode>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.details)
            .set_key(Some(keys::details(id)))
            .projection_expression("handover_code")
            .consistent_read(true)
            .send()
            .await?;
        details::handover_code(&answer.item.unwrap_or_default())
    }

    /// The order's personal and large data (read consistently); none once erased.
    pub async fn details(&self, id: OrderId) -> Result<Option<Details>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.details)
            .set_key(Some(keys::details(id)))
            .consistent_read(true)
            .send()
            .await?;
        answer.item.map(details::from_item).transpose()
    }
}
