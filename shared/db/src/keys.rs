//! Every key of every table and index. `#` separates; no identifier holds it.

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{
    CustomerReference, DriverId, ExternalId, MerchantId, Order, OrderId, StoreId, Version,
};
use serde::Serialize;

use super::{ConnectionId, Item};

fn key<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Of `orders`.
pub(super) fn head(id: OrderId) -> Item {
    key([("order_id", text(id.to_string()))])
}

/// Of `order-history`.
pub(super) fn event(id: OrderId, version: Version) -> Item {
    key([("order_id", text(id.to_string())), ("version", AttributeValue::N(version.to_string()))])
}

/// Of `order-details`.
pub(super) fn details(id: OrderId) -> Item {
    key([("order_id", text(id.to_string()))])
}

/// Of `order-details`: holds a merchant's `external_id` for one order.
pub(super) fn external_id(merchant: &MerchantId, id: &ExternalId) -> Item {
    key([("order_id", text(format!("external#{merchant}#{id}")))])
}

/// Of `subscriptions`: that a connection listens to a topic.
pub(super) fn subscription(topic: &str, connection: &ConnectionId) -> Item {
    key([("topic", text(topic)), ("connection_id", text(connection.as_str()))])
}

/// Of `subscriptions`: the connection itself.
pub(super) fn connection(connection: &ConnectionId) -> Item {
    subscription(&format!("connection#{connection}"), connection)
}

/// Of `subscriptions`: a ticket, by its digest, so that the table gives no tickets away.
pub(super) fn ticket(digest: &str) -> Item {
    key([("topic", text(format!("ticket#{digest}"))), ("connection_id", text("-"))])
}

/// Of `merchants`.
pub(super) fn merchant(id: &MerchantId) -> Item {
    key([("merchant", text(id.as_str()))])
}

/// The sort key of every index in order of time: `created` for most, `since` for
/// the index by status. The id makes it unique.
pub(super) fn at(at: Timestamp, id: OrderId) -> String {
    format!("{at}#{id}")
}

/// The time that a sort key of [`at`] begins with.
pub(super) fn time_of(key: &str) -> Option<Timestamp> {
    key.split_once('#').and_then(|(at, _)| Timestamp::parse(at))
}

/// The partition of a merchant's customer.
pub(super) fn customer(merchant: &MerchantId, reference: &CustomerReference) -> String {
    format!("{merchant}#{reference}")
}

/// The partition of a merchant's store.
pub(super) fn store(merchant: &MerchantId, store: &StoreId) -> String {
    format!("{merchant}#{store}")
}

/// Less than every sort key of an index.
pub(super) const LEAST: &str = " ";

/// Greater than every sort key of an index.
pub(super) const GREATEST: &str = "~";

fn sharded(what: &str, shard: u16) -> String {
    format!("{what}#{shard}")
}

/// The partition of the orders that were created on the day of `created_at`.
pub(super) fn day(created_at: Timestamp, shard: u16) -> String {
    sharded(&created_at.day(), shard)
}

/// The shard that a partition of [`day`] names.
pub(super) fn shard_of(day: &str) -> Option<u16> {
    day.split_once('#').and_then(|(_, shard)| shard.parse().ok())
}

/// The partitions of everybody's orders in a sparse index: of those that are open, that
/// are delayed, that have a deadline.
pub(super) fn shards(shards: u16) -> Vec<String> {
    (0..shards).map(|shard| shard.to_string()).collect()
}

/// The partitions of the orders in a status.
pub(super) fn status_shards(status: &str, shards: u16) -> Vec<String> {
    (0..shards).map(|shard| sharded(status, shard)).collect()
}

/// The partitions of the orders created on a day.
pub(super) fn day_shards(day: &str, shards: u16) -> Vec<String> {
    (0..shards).map(|shard| sharded(day, shard)).collect()
}

/// Which of `shards` partitions of everybody's indexes a new order goes to, and then
/// stays in: another number of them moves no entry.
pub(super) fn shard(id: OrderId, shards: u16) -> u16 {
    // An id ends in bits that are random or a digest's.
    let bits = u16::from_be_bytes([id.as_bytes()[14], id.as_bytes()[15]]);
    bits % shards.max(1)
}

/// The attributes of a head that are there for its indexes alone, next to the
/// `day`, `created`, `since` and `due` that it holds its shard and times in. While an order is
/// open, none of them changes but with its status, its driver, its store and its deadline.
#[derive(Debug, Serialize)]
pub(super) struct IndexKeys {
    status_shard: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed: Option<String>,
    #[serde(flatten)]
    open: Option<OpenKeys>,
}

/// The partitions that an order is in only while it is open.
#[derive(Debug, Serialize)]
struct OpenKeys {
    open: String,
    open_merchant: MerchantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_customer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_store: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_driver: Option<DriverId>,
}

impl IndexKeys {
    pub(super) fn of(order: &Order, shard: u16) -> Self {
        let placed = &order.placed;
        let merchant_customer =
            placed.customer.as_ref().map(|reference| customer(&placed.merchant, reference));
        Self {
            status_shard: sharded(order.status.name(), shard),
            deadline_shard: order.deadline.map(|_| shard.to_string()),
            delayed: order.delayed_since.map(|_| shard.to_string()),
            open: order.is_open().then(|| OpenKeys {
                open: shard.to_string(),
                open_merchant: placed.merchant.clone(),
                open_customer: merchant_customer.clone(),
                open_store: order.store.as_ref().map(|id| store(&placed.merchant, id)),
                open_driver: order.driver.clone(),
            }),
            merchant_customer,
        }
    }
}
