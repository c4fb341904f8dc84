//! `snapshot`, `recheck` and `fetch`: the current orders of a topic.

use clock::Timestamp;
use db::Consistency;
use domain::topics::Topic;
use domain::visibility;
use domain::{Filter, Order, OrderId, Principal};
use http_api::{Cursor, Problem};
use serde_json::value::{RawValue, to_raw_value};

use super::message::Listed;
use super::{Live, Sender};
use crate::live::{Frame, MAX_BYTES, SnapshotPage};

/// The maximum number of orders on a page.
const PAGE: u16 = 50;

/// The number of seconds that a recheck looks back before the subscription. The snapshot can miss
/// an order that came within the index's delay before it (10 seconds; clients send the
/// `recheck` that much later), by a request that took up to 30 seconds after it read the clock,
/// on a machine whose clock is up to the remaining 20 seconds slow.
const LOOK_BACK_SECONDS: i64 = 60;

impl Live {
    /// Returns a page of the topic's open orders. For a page of a fleet's drivers, their positions are
    /// sent before it, and it says only whether there are more.
    pub(super) async fn snapshot(
        &self,
        sender: &Sender,
        Listed { topic, filter }: &Listed,
        cursor: Option<&Cursor>,
    ) -> Result<Frame, Problem> {
        let principal = sender.principal();
        self.check(principal, topic).await?;
        let bound = format!("snapshot {topic}");
        let page = match topic {
            Topic::Fleet(fleet) => self.fleet_page(sender, fleet, (cursor, &bound)).await?,
            _ => self.page(principal, filter.as_ref(), (cursor, &bound), |_| true).await?,
        };
        Ok(Frame::Snapshot(SnapshotPage { topic: topic.to_string(), ..page }))
    }

    /// Returns a page of the orders that may have joined the topic since shortly before `since`.
    /// Every open order is examined: one that was reopened joins long after its creation.
    pub(super) async fn recheck(
        &self,
        principal: &Principal,
        Listed { topic, filter }: Listed,
        since: Timestamp,
        cursor: Option<&Cursor>,
    ) -> Result<Frame, Problem> {
        self.check(principal, &topic).await?;
        let bound = format!("recheck {since} {topic}");
        let since = since.plus_seconds(-LOOK_BACK_SECONDS);
        let is_new = |order: &Order| order.updated_at >= since;
        let page = self.page(principal, filter.as_ref(), (cursor, &bound), is_new).await?;
        Ok(Frame::Synced(SnapshotPage { topic: topic.to_string(), ..page }))
    }

    /// Returns a page of current orders that fits into one message; an empty one without a filter.
    async fn page(
        &self,
        principal: &Principal,
        filter: Option<&Filter>,
        (cursor, bound): (Option<&Cursor>, &str),
        is_wanted: impl Fn(&Order) -> bool,
    ) -> Result<SnapshotPage, Problem> {
        let after = cursor.map(|cursor| self.cursors.open(cursor, principal, bound)).transpose()?;
        let Some(filter) = filter else { return Ok(SnapshotPage::default()) };
        let mut limit = PAGE;
        loop {
            let now = self.clock.now();
            let page = self.db.orders_now(filter, after.as_ref(), limit, now).await?;
            let wanted = page.orders.iter().filter(|order| is_wanted(order));
            let orders = wanted.filter_map(|order| view(principal, order).transpose());
            let orders = orders.collect::<Result<Vec<_>, _>>()?;
            let bytes: usize = orders.iter().map(|order| order.get().len() + 1).sum();
            // A single order always fits.
            if bytes <= MAX_BYTES || limit == 1 {
                let seal = |position| self.cursors.seal(&position, principal, bound);
                let next = page.next.map(seal).transpose()?;
                return Ok(SnapshotPage { topic: String::new(), orders, next });
            }
            limit /= 2;
        }
    }

    /// Returns the current state of these orders of the topic, as many as fit into one message.
    pub(super) async fn fetch(
        &self,
        principal: &Principal,
        topic: &Topic,
        ids: &[OrderId],
    ) -> Result<Frame, Problem> {
        self.check(principal, topic).await?;
        let heads = self.db.heads(ids, Consistency::Strong).await?;
        let (mut orders, mut gone, mut bytes) = (Vec::new(), Vec::new(), 0);
        for id in ids {
            let order = heads.get(id).map(|head| &head.order);
            let order = order.filter(|order| Topic::of(order).contains(topic));
            let order = order.map(|order| view(principal, order)).transpose()?.flatten();
            match order {
                None => gone.push(*id),
                Some(order) if bytes == 0 || bytes + order.get().len() <= MAX_BYTES => {
                    bytes += order.get().len() + 1;
                    orders.push(order);
                }
                Some(_) => {}
            }
        }
        Ok(Frame::Fetched { topic: topic.to_string(), orders, gone })
    }
}

/// Serialises an order as `principal` sees it, if they see it.
fn view(principal: &Principal, order: &Order) -> Result<Option<Box<RawValue>>, Problem> {
    let view = visibility::order(principal, order, None);
    view.map(|view| to_raw_value(&view).map_err(Problem::from_fault)).transpose()
}
