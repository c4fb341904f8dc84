//! The keys of every table and index. `#` separates their parts; no identifier contains it, and
//! references are percent-encoded.

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{
    Cell, CustomerReference, DriverId, ExternalId, Fleet, MerchantId, Order, OrderId, Principal,
    Role, StoreId, Version, WebhookId,
};
use serde::Serialize;

use super::{ConnectionId, Digest, Item, MessageId};

fn key<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Item {
    attributes.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Returns a string as a value.
pub(super) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

/// Returns the key of an order's head in `orders`.
pub(super) fn head(id: OrderId) -> Item {
    key([("order_id", text(id.to_string()))])
}

/// Returns the key of an event in `order-history`.
pub(super) fn event(id: OrderId, version: Version) -> Item {
    key([("order_id", text(id.to_string())), ("version", AttributeValue::N(version.to_string()))])
}

/// Returns the key of an order's details in `order-details`.
pub(super) fn details(id: OrderId) -> Item {
    key([("order_id", text(id.to_string()))])
}

/// Returns the key in `order-details` that reserves a merchant's `external_id` for one order.
pub(super) fn external_id(merchant: &MerchantId, id: &ExternalId) -> Item {
    key([("order_id", text(format!("external#{merchant}#{}", id.encoded())))])
}

/// Returns the key in `subscriptions` of a connection's subscription to a topic.
pub(super) fn subscription(topic: &str, connection: &ConnectionId) -> Item {
    key([("topic", text(topic)), ("connection_id", text(connection.as_str()))])
}

/// The beginning of the key in `subscriptions` of every connection itself.
pub(super) const CONNECTION: &str = "connection#";

/// Returns the key in `subscriptions` of the connection itself.
pub(super) fn connection(connection: &ConnectionId) -> Item {
    subscription(&format!("{CONNECTION}{connection}"), connection)
}

/// The beginning of the key in `subscriptions` of every principal's count of connections.
pub(super) const PRINCIPAL: &str = "principal#";

/// Returns the key in `subscriptions` of the connections of a principal, by role and id.
pub(super) fn principal(principal: &Principal) -> Item {
    let (role, id) = (principal.role().name(), principal.id.encoded());
    counted(&format!("{PRINCIPAL}{role}#{id}"))
}

/// Returns the key of the row of [`principal`] with this `topic`.
pub(super) fn counted(topic: &str) -> Item {
    key([("topic", text(topic)), ("connection_id", text("-"))])
}

/// Parses the role in a `topic` of [`principal`].
pub(super) fn role_of(topic: &str) -> Option<Role> {
    let (role, _) = topic.strip_prefix(PRINCIPAL)?.split_once('#')?;
    Role::named(role)
}

/// Returns the key in `subscriptions` of a ticket, by its digest, so that the table reveals no
/// tickets.
pub(super) fn ticket(digest: &str) -> Item {
    key([("topic", text(format!("ticket#{digest}"))), ("connection_id", text("-"))])
}

/// Returns the key of a merchant's settings in `merchants`.
pub(super) fn merchant(id: &MerchantId) -> Item {
    key([("merchant", text(id.as_str()))])
}

/// Returns the key of a store's record in `stores`.
pub(super) fn store_record(merchant: &MerchantId, id: &StoreId) -> Item {
    store_after(merchant, id.as_str())
}

/// Returns the key in `stores` of the row with this `store`.
pub(super) fn store_after(merchant: &MerchantId, store: &str) -> Item {
    key([("merchant", text(merchant.as_str())), ("store", text(store))])
}

/// Returns the `store` of a key in `stores`.
pub(super) fn store_position(key: &Item) -> Option<String> {
    key.get("store")?.as_s().ok().cloned()
}

/// Returns the key in `drivers` of a driver's roster.
pub(super) fn roster(driver: &DriverId) -> Item {
    driver_item(driver, ROSTER)
}

/// The `item` of a roster in `drivers`.
pub(super) const ROSTER: &str = "roster";

/// Returns the key in `drivers` of a driver's profile.
pub(super) fn profile(driver: &DriverId) -> Item {
    driver_item(driver, PROFILE)
}

/// The `item` of a profile in `drivers`. No other item sorts between it and [`ROSTER`].
pub(super) const PROFILE: &str = "profile";

/// Returns the sort key of a driver on duty: the cell of the last position, and the driver. No cell
/// begins as the key of a driver who has not sent a position yet.
pub(super) fn place(cell: Option<&Cell>, driver: &DriverId) -> String {
    format!("{}#{driver}", cell.map_or("", Cell::as_str))
}

/// Returns the cell in the `place` of an item of `drivers`, or of an entry of its index.
pub(super) fn cell_of(item: &Item) -> Option<Cell> {
    let (cell, _) = item.get("place")?.as_s().ok()?.split_once('#')?;
    Cell::parse(cell).ok()
}

/// Returns the key in `positions` of a driver's last position.
pub(super) fn last_position(driver: &DriverId) -> Item {
    driver_item(driver, "last")
}

/// Returns the key in `positions` of the watch of an order.
pub(super) fn order_watch(order: OrderId) -> Item {
    key([("driver_id", text(format!("order#{order}"))), ("item", text("watch"))])
}

/// Returns the key in `positions` of the watch of a fleet.
pub(super) fn fleet_watch(fleet: &Fleet) -> Item {
    key([("driver_id", text(format!("fleet#{fleet}"))), ("item", text("watch"))])
}

/// The beginning of the `item` of a complete run in `positions`.
pub(super) const RUN: &str = "run#";

/// Returns the key in `positions` of a complete run of fixes that begins at this time.
pub(super) fn run(driver: &DriverId, first: Timestamp, content: &Digest) -> Item {
    driver_item(driver, &format!("{}#{content}", runs_from(first)))
}

/// Returns the beginning of the `item` of a run that begins at this time; later ones follow it.
pub(super) fn runs_from(first: Timestamp) -> String {
    format!("{RUN}{first}")
}

/// Returns a text after every `item` of a run that begins at this time or before.
pub(super) fn runs_until(first: Timestamp) -> String {
    format!("{}#~", runs_from(first))
}

/// Returns the key in `drivers` of an order that is offered to a driver until this time.
pub(super) fn offer(driver: &DriverId, end: Timestamp, order: OrderId) -> Item {
    driver_item(driver, &format!("{}#{order}", offer_until(end)))
}

/// Returns the beginning of the `item` of an offer that ends at this time; later ones follow it.
pub(super) fn offer_until(end: Timestamp) -> String {
    format!("offer#{end}")
}

/// A text after every `item` of an offer.
pub(super) const LAST_OFFER: &str = "offer#~";

/// Returns the order in the `item` of an offer.
pub(super) fn offered_order(item: &Item) -> Option<OrderId> {
    let (_, order) = item.get("item")?.as_s().ok()?.rsplit_once('#')?;
    OrderId::parse(order).ok()
}

/// Returns the key in an index of `drivers` of the entry at this position, within a fleet.
pub(super) fn driver_after(partition: &str, fleet: &str, position: &str) -> Item {
    let driver = position.rsplit('#').next().unwrap_or_default();
    let sort = (partition == "on_duty").then(|| ("place".to_owned(), text(position)));
    let mut key =
        key([("driver_id", text(driver)), ("item", text(ROSTER)), (partition, text(fleet))]);
    key.extend(sort);
    key
}

/// Returns the position of an entry in an index of `drivers`.
pub(super) fn driver_position(key: &Item) -> Option<String> {
    key.get("place").or_else(|| key.get("driver_id"))?.as_s().ok().cloned()
}

/// Returns the key in `drivers` or `positions` of one of a driver's items.
fn driver_item(driver: &DriverId, item: &str) -> Item {
    key([("driver_id", text(driver.as_str())), ("item", text(item))])
}

/// Returns the key of an endpoint in `webhooks`.
pub(super) fn endpoint(merchant: &MerchantId, id: &WebhookId) -> Item {
    key([("merchant", text(merchant.as_str())), ("id", text(id.as_str()))])
}

/// Returns the partition of an endpoint's log in `deliveries`.
pub(super) fn endpoint_partition(merchant: &MerchantId, id: &WebhookId) -> String {
    format!("{merchant}#{id}")
}

/// Returns the key in `deliveries` of a message to an endpoint. Versions have ten digits, so that
/// they sort by number.
pub(super) fn delivery(merchant: &MerchantId, id: &WebhookId, message: &MessageId) -> Item {
    let MessageId { order, version } = message;
    let message = format!("{order}#{:010}", version.0);
    delivery_after(&endpoint_partition(merchant, id), &message)
}

/// Returns the key in `deliveries` of the row with this `message`.
pub(super) fn delivery_after(partition: &str, message: &str) -> Item {
    key([("endpoint", text(partition)), ("message", text(message))])
}

/// Returns the `message` of a key in `deliveries`.
pub(super) fn delivery_position(key: &Item) -> Option<String> {
    key.get("message")?.as_s().ok().cloned()
}

/// Returns the key in `deliveries` of an item of its index.
pub(super) fn delivery_key(mut item: Item) -> Item {
    item.retain(|name, _| name == "endpoint" || name == "message");
    item
}

/// The partition of all deliveries with another attempt in `by-due`.
pub(super) const DUE_DELIVERIES: &str = "due";

/// Returns a sort key in order of time: `created` for most indexes, `since` for the indexes by
/// status and by closing, `due` for the index by deadline. The id makes it unique.
pub(super) fn at(at: Timestamp, id: OrderId) -> String {
    format!("{at}#{id}")
}

/// Parses the time that a sort key of [`at`] begins with.
pub(super) fn time_of(key: &str) -> Option<Timestamp> {
    key.split_once('#').and_then(|(at, _)| Timestamp::parse(at))
}

/// Returns the partition of a merchant's customer.
pub(super) fn customer(merchant: &MerchantId, reference: &CustomerReference) -> String {
    format!("{merchant}#{}", reference.encoded())
}

/// Returns the partition of a merchant's store.
pub(super) fn store(merchant: &MerchantId, store: &StoreId) -> String {
    format!("{merchant}#{store}")
}

/// A key less than every sort key of an index.
pub(super) const LEAST: &str = " ";

/// A key greater than every sort key of an index.
pub(super) const GREATEST: &str = "~";

fn sharded(what: &str, shard: u16) -> String {
    format!("{what}#{shard}")
}

/// Returns the partition of the orders created on the day of `created_at`.
pub(super) fn day(created_at: Timestamp, shard: u16) -> String {
    sharded(&created_at.day(), shard)
}

/// Returns the shard of a partition of [`day`].
pub(super) fn shard_of(day: &str) -> Option<u16> {
    day.split_once('#').and_then(|(_, shard)| shard.parse().ok())
}

/// Returns the partitions of a sparse index over all orders: the open ones, the delayed ones, or
/// those with a deadline or open issues.
pub(super) fn shards(shards: u16) -> Vec<String> {
    (0..shards).map(|shard| shard.to_string()).collect()
}

/// Returns the partitions of the orders in a status.
pub(super) fn status_shards(status: &str, shards: u16) -> Vec<String> {
    (0..shards).map(|shard| sharded(status, shard)).collect()
}

/// Returns the partitions of the orders created on a day.
pub(super) fn day_shards(day: &str, shards: u16) -> Vec<String> {
    (0..shards).map(|shard| sharded(day, shard)).collect()
}

/// Returns the partition, below `shards`, of a new order in the indexes over all orders. An order
/// keeps its partition: a changed number of shards moves no entry.
pub(super) fn shard(id: OrderId, shards: u16) -> u16 {
    // The last bytes of an id are random, or part of a digest.
    let bits = u16::from_be_bytes([id.as_bytes()[14], id.as_bytes()[15]]);
    bits % shards.max(1)
}

/// The attributes of a head that exist only for its indexes. Its attributes `day`, `created`,
/// `since` and `due` serve indexes too, but also store its shard and times. While an order is
/// open, these keys change only with its status, driver, store and deadline.
#[derive(Debug, Serialize)]
pub(super) struct IndexKeys {
    status_shard: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    merchant_customer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_shard: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_merchant: Option<MerchantId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_issues: Option<String>,
    #[serde(flatten)]
    open: Option<OpenKeys>,
}

/// The partitions that contain an order only while it is open.
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
            deadline_shard: order.due_at().map(|_| shard.to_string()),
            delayed: order.delayed_since.map(|_| shard.to_string()),
            closed_merchant: (!order.is_open()).then(|| placed.merchant.clone()),
            open_issues: (!order.issues.is_empty()).then(|| shard.to_string()),
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
