//! Lists of orders.

use std::collections::{BTreeSet, HashMap, HashSet};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use clock::Timestamp;
use domain::{Direction, ExternalId, Filter, MerchantId, Order, OrderId};

use super::plan::{Index, Plan, Unplannable};
use super::walk::{Entry, Walk};
use crate::retry::Tries;
use crate::{Db, DbError, Head, keys};

/// The most heads that one request reads: `BatchGetItem`'s bound.
pub(super) const MAX_BATCH: usize = 100;

/// The most entries of an index that one page examines.
const MAX_EXAMINED: usize = 500;

/// A place in a list: that of the last entry examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(String);

/// A part of a list.
#[derive(Debug)]
pub struct Page {
    /// The orders. Fewer than asked for, even none, where some that were examined
    /// do not match.
    pub orders: Vec<Order>,
    /// Where the next part begins; none at the end.
    pub next: Option<Position>,
}

/// Whether a read has every write that was done before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// Perhaps not yet those of the last second, for half the price.
    Eventual,
    /// It has.
    Strong,
}

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// No index answers it.
    #[error(transparent)]
    Unplannable(#[from] Unplannable),
    /// The tables did not do it.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl Position {
    /// Takes back what [`Position::as_str`] gave out.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The position's text; it names a time, and an order.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Db {
    /// At most `limit` (from 1) of the orders that `filter` asks for, from after
    /// `after` on, in the order of their creation; where nothing but one status is
    /// asked for, or closed ones, in the order in which they came there. An order
    /// that matches for the whole walk is on exactly one page.
    pub async fn orders(
        &self,
        filter: &Filter,
        direction: Direction,
        after: Option<&Position>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page, ListError> {
        match Plan::of(filter, self.shards.read, now)? {
            Plan::Nothing => Ok(Page { orders: Vec::new(), next: None }),
            Plan::Named(merchant, id) => Ok(self.named(&merchant, &id, filter).await?),
            Plan::Index(scan) => {
                let walk = Walk::new(self, scan, direction, after);
                Ok(self.page(walk, filter, limit.into(), Consistency::Eventual).await?)
            }
        }
    }

    /// As [`Db::orders`], the newest first, each order as it is now: what was
    /// committed before is not missed, but for the index's own delay.
    pub async fn orders_now(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page, ListError> {
        match Plan::of(filter, self.shards.read, now)? {
            Plan::Index(scan) => {
                let walk = Walk::new(self, scan, Direction::Newest, after);
                Ok(self.page(walk, filter, limit.into(), Consistency::Strong).await?)
            }
            Plan::Nothing | Plan::Named(..) => Ok(Page { orders: Vec::new(), next: None }),
        }
    }

    async fn page(
        &self,
        mut walk: Walk<'_>,
        filter: &Filter,
        limit: usize,
        consistency: Consistency,
    ) -> Result<Page, DbError> {
        let (mut found, mut examined, mut met) = (Vec::new(), 0, HashSet::new());
        while found.len() < limit && examined < MAX_EXAMINED {
            let entries = walk.next(chunk(limit - found.len(), found.len(), examined)).await?;
            if entries.is_empty() {
                break;
            }
            examined += entries.len();
            let current = self.current(walk.index(), filter, entries, consistency).await?;
            // One that left its place while the page was read, and is met again at
            // another, comes once.
            let new = current.into_iter().filter(|(_, order)| met.insert(order.id));
            found.extend(new.filter(|(_, order)| filter.matches(order)));
        }
        // What was found beyond the limit is found again from the last one within.
        let last = found.get(limit - 1).filter(|_| found.len() > limit);
        let next = last.map(|(sort, _)| sort.clone()).or_else(|| walk.position()).map(Position);
        Ok(Page { orders: found.into_iter().take(limit).map(|(_, order)| order).collect(), next })
    }

    /// The orders of these entries, as they are now, each with its place in the list.
    async fn current(
        &self,
        index: Index,
        filter: &Filter,
        entries: Vec<Entry>,
        consistency: Consistency,
    ) -> Result<Vec<(String, Order)>, DbError> {
        let ids: Vec<_> = entries.iter().map(|entry| entry.order_id).collect();
        let mut heads = self.heads(&ids, consistency).await?;
        if consistency == Consistency::Eventual {
            // A replica may not have what the index has already.
            let is_behind = |entry: &&Entry| {
                let head = heads.get(&entry.order_id);
                head.is_none_or(|head| !index.agrees(&entry.sort, &head.order, filter))
            };
            let behind: Vec<_> = entries.iter().filter(is_behind).map(|it| it.order_id).collect();
            heads.extend(self.heads(&behind, Consistency::Strong).await?);
        }
        let orders = entries.into_iter().map(|entry| {
            let head = heads.remove(&entry.order_id)?;
            Some((entry.sort, head.order))
        });
        Ok(orders.flatten().collect())
    }

    /// The order that a merchant calls so, if it matches.
    async fn named(
        &self,
        merchant: &MerchantId,
        id: &ExternalId,
        filter: &Filter,
    ) -> Result<Page, DbError> {
        let head = match self.order_called(merchant, id).await? {
            Some(id) => self.head(id).await?,
            None => None,
        };
        let orders = head.map(|head| head.order).into_iter();
        Ok(Page { orders: orders.filter(|order| filter.matches(order)).collect(), next: None })
    }

    /// Which order a merchant calls so (read consistently).
    async fn order_called(
        &self,
        merchant: &MerchantId,
        id: &ExternalId,
    ) -> Result<Option<OrderId>, DbError> {
        #[derive(serde::Deserialize)]
        struct Lock {
            order: OrderId,
        }
        let (table, key) = (&self.tables.details, keys::external_id(merchant, id));
        let item = self.get(table, key, Consistency::Strong, None).await?;
        let lock: Option<Lock> = item.map(serde_dynamo::from_item).transpose()?;
        Ok(lock.map(|lock| lock.order))
    }

    /// The heads of at most 100 orders, without those that are not there.
    pub async fn heads(
        &self,
        ids: &[OrderId],
        consistency: Consistency,
    ) -> Result<HashMap<OrderId, Head>, DbError> {
        let heads = self.each_head(ids, consistency).await?.into_iter();
        heads.map(|(id, head)| Ok((id, head?))).collect()
    }

    /// As [`Db::heads`]; one that does not read takes no other with it.
    pub async fn each_head(
        &self,
        ids: &[OrderId],
        consistency: Consistency,
    ) -> Result<HashMap<OrderId, Result<Head, DbError>>, DbError> {
        let mut heads = HashMap::new();
        // DynamoDB refuses to read one twice.
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        let mut wanted: Vec<_> = distinct.into_iter().map(keys::head).collect();
        let mut tries = Tries::new();
        while !wanted.is_empty() {
            if !tries.begin() {
                return Err(DbError::Unavailable("DynamoDB left part of a batch unread".into()));
            }
            let keys = KeysAndAttributes::builder()
                .set_keys(Some(wanted))
                .consistent_read(consistency == Consistency::Strong)
                .build()
                .map_err(DbError::corrupt)?;
            let response = self
                .client
                .batch_get_item()
                .request_items(&self.tables.orders, keys)
                .send()
                .await?;
            for item in response.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                let id = item.get("order_id").and_then(|id| id.as_s().ok());
                let id = id.and_then(|id| OrderId::parse(id).ok());
                let id = id.ok_or_else(|| DbError::corrupt("a head has no key"))?;
                heads.insert(id, Head::from_item(item));
            }
            let unprocessed = response.unprocessed_keys.unwrap_or_default();
            wanted = unprocessed.into_values().flat_map(|keys| keys.keys).collect();
            if !wanted.is_empty() {
                tries.pause().await;
            }
        }
        Ok(heads)
    }
}

/// How many entries to examine for `missing` more orders, of which `found` were
/// among the `examined`: at most as many as one request reads.
fn chunk(missing: usize, found: usize, examined: usize) -> usize {
    let expected = missing * examined.max(1) / found.max(1);
    let expected = if examined == 0 { missing } else { expected };
    expected.max(missing).min(MAX_BATCH).min(MAX_EXAMINED - examined)
}
