//! Lists of orders.

use std::collections::{BTreeSet, HashMap, HashSet};

use clock::Timestamp;
use domain::{Direction, ExternalId, Filter, MerchantId, Order, OrderId};

use super::plan::{Index, Plan, Unplannable};
use super::reservation;
use super::walk::{Entry, Walk};
use crate::{Db, DbError, Head, keys};

/// The maximum number of heads in one request: the limit of `BatchGetItem`.
pub(super) const MAX_BATCH: usize = 100;

/// The maximum number of index entries that one page examines.
const MAX_EXAMINED: usize = 500;

/// A position in a list: that of the last entry examined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(String);

/// A page of a list, and the position of the next one.
#[derive(Debug, Default)]
pub struct Page {
    /// The orders. A page can have fewer than requested, even none, if some of the examined
    /// orders do not match.
    pub orders: Vec<Order>,
    /// The position of the next page; `None` at the end.
    pub next: Option<Position>,
    /// The position of each order.
    positions: Vec<Position>,
}

impl Page {
    /// Creates a page of orders with their positions; another one follows if the list `is_cut`.
    pub(super) fn new(orders: Vec<Order>, positions: Vec<Position>, is_cut: bool) -> Self {
        // The empty position is before all others.
        let last = || positions.last().cloned().unwrap_or_else(|| Position::new(""));
        Self { next: is_cut.then(last), orders, positions }
    }

    /// Returns the position after the first `count` of the orders, which is not 0 unless there are
    /// none; `None` at the end of the list.
    pub fn after(&self, count: usize) -> Option<&Position> {
        let last = count.checked_sub(1).filter(|_| count < self.orders.len());
        last.map_or(self.next.as_ref(), |last| self.positions.get(last))
    }
}

/// The consistency of a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consistency {
    /// The read may miss writes of the last second, and costs half as much.
    Eventual,
    /// The read sees every write that completed before it.
    Strong,
}

/// The reason that an order list failed.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// No index can answer the query.
    #[error(transparent)]
    Unplannable(#[from] Unplannable),
    #[error(transparent)]
    Db(#[from] DbError),
}

/// The beginning of a position among the offers that follow a driver's orders.
const OFFERS: &str = "offers ";

impl Position {
    /// Returns the position among the offers that follow a driver's orders, empty at their start;
    /// `None` if the position is among the orders.
    fn of_offer(&self) -> Option<Self> {
        self.0.strip_prefix(OFFERS).map(Self::new)
    }

    /// Creates a position from the text of [`Position::as_str`].
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the position's text, which contains a time and an order id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Db {
    /// Returns a page of at most `limit` (from 1) orders that match `filter`, starting after
    /// `after`. Orders are sorted by creation. If the filter has nothing narrower than one status,
    /// or closed statuses, they are sorted by the time at which they entered the status. An order
    /// that matches during the whole walk is on exactly one page.
    pub async fn orders(
        &self,
        filter: &Filter,
        direction: Direction,
        after: Option<&Position>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page, ListError> {
        match Plan::of(filter, self.shards.read, now)? {
            Plan::Nothing => Ok(Page::default()),
            Plan::Named(merchant, id) => Ok(self.named(&merchant, &id, filter).await?),
            Plan::Offered(driver) => {
                let asked = (filter, direction);
                Ok(self.offered(&driver, asked, after, limit.into(), now).await?)
            }
            Plan::Index(scan) => {
                let walk = Walk::new(self, scan, direction, after);
                Ok(self.page(walk, filter, limit.into(), Consistency::Eventual).await?)
            }
        }
    }

    /// Returns a page as [`Db::orders`] does, newest first, with each order in its current state.
    /// Apart from the delay of the index, no earlier commit is missed. A driver's orders are followed
    /// by those that are offered to the driver.
    pub async fn orders_now(
        &self,
        filter: &Filter,
        after: Option<&Position>,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page, ListError> {
        let Plan::Index(scan) = Plan::of(filter, self.shards.read, now)? else {
            return Ok(Page::default());
        };
        let limit = usize::from(limit);
        let after_offer = after.and_then(Position::of_offer);
        let mut page = Page::default();
        if after_offer.is_none() {
            let walk = Walk::new(self, scan, Direction::Newest, after);
            page = self.page(walk, filter, limit, Consistency::Strong).await?;
        }
        if let (Some(driver), None) = (&filter.driver, &page.next) {
            let asked = (filter, Direction::Newest);
            let after = after_offer.as_ref().filter(|it| !it.as_str().is_empty());
            let room = limit - page.orders.len();
            let offered = self.offered(driver, asked, after, room, now).await?;
            page.next = offered.next.map(|next| Position(format!("{OFFERS}{}", next.0)));
            page.orders.extend(offered.orders);
        }
        Ok(page)
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
            // An order that moves in the index while the page is read can be met twice, and is
            // returned once.
            let new = current.into_iter().filter(|(_, order)| met.insert(order.id));
            found.extend(new.filter(|(_, order)| filter.matches(order)));
        }
        // Orders beyond the limit are dropped: the next page starts after the last one returned.
        let last = found.get(limit - 1).filter(|_| found.len() > limit);
        let next = last.map(|(sort, _)| sort.clone()).or_else(|| walk.position()).map(Position);
        let found = found.into_iter().take(limit).map(|(sort, order)| (Position(sort), order));
        let (positions, orders) = found.unzip();
        Ok(Page { orders, next, positions })
    }

    /// Returns the current orders of these entries, each with its place in the list.
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
            // A replica may be behind the index.
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

    /// Returns the order with this `external_id` of the merchant, if it matches. A head is read in
    /// any case, so that an id of an order of others costs what an unknown id costs.
    async fn named(
        &self,
        merchant: &MerchantId,
        id: &ExternalId,
        filter: &Filter,
    ) -> Result<Page, DbError> {
        let id = self.order_called(merchant, id).await?.unwrap_or(OrderId::NIL);
        let head = self.head(id).await?;
        let order = head.map(|head| head.order).filter(|order| filter.matches(order));
        Ok(Page { orders: order.into_iter().collect(), ..Page::default() })
    }

    /// Returns the id of the order with the merchant's `external_id` (read consistently).
    async fn order_called(
        &self,
        merchant: &MerchantId,
        id: &ExternalId,
    ) -> Result<Option<OrderId>, DbError> {
        let (table, key) = (&self.tables.details, keys::external_id(merchant, id));
        let item = self.get(table, key, Consistency::Strong, &[]).await?;
        item.map(reservation::order_of).transpose()
    }

    /// Reads the heads of at most 100 orders. Orders that do not exist are left out.
    pub async fn heads(
        &self,
        ids: &[OrderId],
        consistency: Consistency,
    ) -> Result<HashMap<OrderId, Head>, DbError> {
        let heads = self.each_head(ids, consistency).await?.into_iter();
        heads.map(|(id, head)| Ok((id, head?))).collect()
    }

    /// Reads heads as [`Db::heads`] does. A head that cannot be parsed does not fail the others.
    pub async fn each_head(
        &self,
        ids: &[OrderId],
        consistency: Consistency,
    ) -> Result<HashMap<OrderId, Result<Head, DbError>>, DbError> {
        let mut heads = HashMap::new();
        // DynamoDB rejects a batch that contains a key twice.
        let distinct: BTreeSet<_> = ids.iter().copied().collect();
        let keys = distinct.into_iter().map(keys::head).collect();
        for item in self.get_all(&self.tables.orders, keys, consistency).await? {
            let id = item.get("order_id").and_then(|id| id.as_s().ok());
            let id = id.and_then(|id| OrderId::parse(id).ok());
            let id = id.ok_or_else(|| DbError::corrupt("a head has no key"))?;
            heads.insert(id, Head::from_item(item));
        }
        Ok(heads)
    }
}

/// Returns the number of entries to examine for `missing` more orders, estimated from the `found`
/// ones among those `examined`; at most as many as one request reads.
fn chunk(missing: usize, found: usize, examined: usize) -> usize {
    let expected = missing * examined.max(1) / found.max(1);
    let expected = if examined == 0 { missing } else { expected };
    expected.max(missing).min(MAX_BATCH).min(MAX_EXAMINED - examined)
}
