//! Lists of open orders.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::future::try_join_all;

use super::backoff::Tries;
use super::{Head, Store, StoreError, keys};
use crate::domain::{CustomerReference, MerchantId, Order, OrderId, PrincipalId, StoreId};

/// Whose open orders.
#[derive(Clone, Copy, Debug)]
pub enum OpenOrders<'a> {
    /// Everybody's.
    All,
    /// A merchant's.
    Merchant(&'a MerchantId),
    /// A store's.
    Store(&'a MerchantId, &'a StoreId),
    /// A customer's.
    Customer(&'a MerchantId, &'a CustomerReference),
    /// Those assigned to a driver.
    Driver(&'a PrincipalId),
}

/// A place in a list, in the order of creation: that of the last order examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(String);

/// A part of a list.
#[derive(Debug)]
pub struct Page {
    /// The orders, newest first. Fewer than asked for, even none, where some
    /// have closed meanwhile.
    pub orders: Vec<Order>,
    /// Where the next part begins; none at the end.
    pub next: Option<Position>,
}

impl Position {
    /// Takes back what [`Position::as_str`] gave out.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The position's text; it names an order and its time of creation.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An entry of an index: only its keys are projected.
#[derive(serde::Deserialize)]
struct Entry {
    order_id: OrderId,
    created: String,
}

impl OpenOrders<'_> {
    /// The index, its partition key's name, and the partitions that hold the list.
    fn partitions(self, shards: u16) -> (&'static str, &'static str, Vec<String>) {
        match self {
            Self::All => ("open", "open", (0..shards).map(keys::open).collect()),
            Self::Merchant(id) => ("open-merchant", "open_merchant", vec![id.to_string()]),
            Self::Store(merchant, id) => {
                ("open-store", "open_store", vec![keys::store(merchant, id)])
            }
            Self::Customer(merchant, reference) => {
                ("open-customer", "open_customer", vec![keys::customer(merchant, reference)])
            }
            Self::Driver(id) => ("open-driver", "open_driver", vec![id.to_string()]),
        }
    }
}

impl Store {
    /// At most `limit` (1 to 100) open orders, newest first, from before
    /// `before`. An order that is open for the whole walk is on exactly one page.
    pub async fn open_orders(
        &self,
        whose: OpenOrders<'_>,
        before: Option<&Position>,
        limit: u16,
    ) -> Result<Page, StoreError> {
        let (index, key, partitions) = whose.partitions(self.shards);
        let lists = partitions.iter().map(|value| self.entries(index, key, value, before, limit));
        let mut entries: Vec<Entry> = try_join_all(lists).await?.into_iter().flatten().collect();
        entries.sort_unstable_by(|a, b| b.created.cmp(&a.created));
        let more = entries.len() > usize::from(limit);
        entries.truncate(limit.into());
        let next = entries.last().filter(|_| more).map(|entry| Position(entry.created.clone()));
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        let mut heads = self.heads(&ids, false).await?;
        // A replica may not have what the index has already.
        let missing: Vec<_> = ids.iter().copied().filter(|id| !heads.contains_key(id)).collect();
        heads.extend(self.heads(&missing, true).await?);
        let orders = ids.iter().filter_map(|id| heads.remove(id)).map(|head| head.order);
        Ok(Page { orders: orders.filter(Order::is_open).collect(), next })
    }

    /// The first entries of one partition, one more than `limit` to know whether there is more.
    async fn entries(
        &self,
        index: &str,
        key: &str,
        value: &str,
        before: Option<&Position>,
        limit: u16,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut query = self
            .client
            .query()
            .table_name(&self.orders)
            .index_name(index)
            .scan_index_forward(false)
            .limit(i32::from(limit) + 1)
            .expression_attribute_names("#partition", key)
            .expression_attribute_values(":partition", AttributeValue::S(value.to_owned()));
        query = match before {
            None => query.key_condition_expression("#partition = :partition"),
            Some(position) => query
                .key_condition_expression("#partition = :partition AND created < :before")
                .expression_attribute_values(":before", AttributeValue::S(position.0.clone())),
        };
        // 101 entries of keys alone are far below the 1 MB at which DynamoDB cuts a page.
        let items = query.send().await?.items.unwrap_or_default();
        Ok(serde_dynamo::from_items(items)?)
    }

    /// The heads of at most 100 orders, without those that are not there.
    pub async fn heads(
        &self,
        ids: &[OrderId],
        consistent: bool,
    ) -> Result<HashMap<OrderId, Head>, StoreError> {
        let mut heads = HashMap::new();
        let mut wanted: Vec<_> = ids.iter().map(|id| keys::head(*id)).collect();
        let mut tries = Tries::new();
        while !wanted.is_empty() {
            if !tries.begin() {
                return Err(StoreError::Unavailable("a batch was left unread".into()));
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(consistent)
                .build()
                .map_err(StoreError::corrupt)?;
            let answer =
                self.client.batch_get_item().request_items(&self.orders, keys).send().await?;
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                let head = Head::from_item(item)?;
                heads.insert(head.order.id, head);
            }
            let unprocessed = answer.unprocessed_keys.unwrap_or_default();
            wanted = unprocessed.into_values().flat_map(|keys| keys.keys).collect();
            if !wanted.is_empty() {
                tries.pause().await;
            }
        }
        Ok(heads)
    }
}
