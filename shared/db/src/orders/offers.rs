//! The offers that a driver has: an item for each, which finds the order. Whether the order is still
//! offered to the driver, its head says.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{Direction, DriverId, EventData, Filter, Order, OrderId};
use futures_util::future::try_join_all;

use super::list::{Consistency, MAX_BATCH, Page, Position};
use crate::{Db, DbError, Head, keys};

/// The maximum number of a driver's offers that are looked at, those that end first.
const MAX_EXAMINED: usize = 500;

impl Db {
    /// Stores an item for each driver whom the last commit of `head` offers the order to. It is
    /// written before the commit, so that a driver finds what is offered at any time after it.
    pub(super) async fn note_offers(&self, head: &Head) -> Result<(), DbError> {
        let offers = head.events.iter().filter_map(|event| match &event.data {
            EventData::DriverOffered { drivers, expires_at, .. } => Some((drivers, *expires_at)),
            _ => None,
        });
        let items = offers.flat_map(|(drivers, end)| {
            drivers.iter().map(move |driver| {
                let mut item = keys::offer(driver, end, head.order.id);
                let expires = AttributeValue::N(end.epoch_seconds().to_string());
                item.insert("expires_at".to_owned(), expires);
                item
            })
        });
        try_join_all(items.map(|item| self.put(&self.tables.drivers, item))).await?;
        Ok(())
    }

    /// Returns a page of at most `limit` of the orders that are offered to the driver now and match
    /// the rest of `filter`, by creation (read consistently), starting after `after`. A `limit` of 0
    /// asks whether there are any.
    pub(super) async fn offered(
        &self,
        driver: &DriverId,
        (filter, direction): (&Filter, Direction),
        after: Option<&Position>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, DbError> {
        let filter = Filter { offered: true, ..filter.clone() };
        let lasts = |order: &Order| order.offer_ends().is_some_and(|end| now < end);
        let orders = self.found(driver, now).await?.into_values();
        let orders = orders.filter(|order| lasts(order) && filter.matches(order));
        let place = |order: &Order| keys::at(order.created_at, order.id);
        let mut orders: BTreeMap<_, _> = orders.map(|order| (place(&order), order)).collect();
        if let Some(after) = after.map(|after| after.as_str().to_owned()) {
            match direction {
                Direction::Newest => orders.retain(|place, _| *place < after),
                Direction::Oldest => orders.retain(|place, _| *place > after),
            }
        }
        let mut orders: Vec<_> = orders.into_iter().collect();
        if direction == Direction::Newest {
            orders.reverse();
        }
        let is_cut = orders.len() > limit;
        orders.truncate(limit);
        let (positions, orders) =
            orders.into_iter().map(|(place, order)| (Position::new(place), order)).unzip();
        Ok(Page::new(orders, positions, is_cut))
    }

    /// Returns the orders of the driver's items, whether they are still offered or not.
    async fn found(
        &self,
        driver: &DriverId,
        now: Timestamp,
    ) -> Result<BTreeMap<OrderId, Order>, DbError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.drivers)
            .key_condition_expression("driver_id = :driver AND #item BETWEEN :now AND :last")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":driver", keys::text(driver.as_str()))
            .expression_attribute_values(":now", keys::text(keys::offer_until(now)))
            .expression_attribute_values(":last", keys::text(keys::LAST_OFFER))
            .consistent_read(true);
        let (mut orders, mut examined, mut from) = (BTreeMap::new(), 0, None);
        loop {
            let limit = i32::try_from(MAX_BATCH).unwrap_or(i32::MAX);
            let page = query.clone().set_exclusive_start_key(from).limit(limit).send().await?;
            let ids: Option<Vec<OrderId>> = page.items().iter().map(keys::offered_order).collect();
            let ids = ids.ok_or_else(|| DbError::corrupt("an offer has no order"))?;
            examined += ids.len();
            if !ids.is_empty() {
                let heads = self.heads(&ids, Consistency::Strong).await?;
                orders.extend(heads.into_iter().map(|(id, head)| (id, head.order)));
            }
            from = page.last_evaluated_key;
            if from.is_none() || examined >= MAX_EXAMINED {
                return Ok(orders);
            }
        }
    }
}
