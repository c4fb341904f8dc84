//! The watches of orders and of fleets: how long somebody follows their drivers.
//!
//! The watch of an order is written to the order's own row first, and then, after a read of the head, to the position
//! of the driver who has the order. So a driver who gets the order meanwhile finds the row: an upload
//! reads the rows of the orders that are new to it. The watch of a fleet is a row that uploads read.

use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{DriverId, Fleet, OrderId};
use serde::Deserialize;

use crate::retry::if_met;
use crate::{Consistency, Db, DbError, Item, keys};

/// The condition of a watch that is longer than another one.
const IS_LONGER: &str = "(attribute_not_exists(watched_until) OR watched_until < :until)";

/// The watch in the row of an order or a fleet. A row that has expired may still be there.
#[derive(Deserialize)]
struct Watch {
    watched_until: Timestamp,
}

impl Db {
    /// Has the drivers who get the order later watched until this time, unless they are already watched
    /// longer.
    pub async fn watch_order(&self, order: OrderId, until: Timestamp) -> Result<(), DbError> {
        self.set_watch(keys::order_watch(order), until).await
    }

    /// Has the drivers of a fleet watched until this time, unless they are already watched longer.
    pub async fn watch_fleet(&self, fleet: &Fleet, until: Timestamp) -> Result<(), DbError> {
        self.set_watch(keys::fleet_watch(fleet), until).await
    }

    /// Returns the end of the watch of a fleet (read eventually consistently). It can be past.
    pub async fn fleet_watch(&self, fleet: &Fleet) -> Result<Option<Timestamp>, DbError> {
        let (table, key) = (&self.tables.positions, keys::fleet_watch(fleet));
        let row = self.get(table, key, Consistency::Eventual, &[]).await?;
        let watch = row.map(serde_dynamo::from_item::<_, Watch>).transpose()?;
        Ok(watch.map(|watch| watch.watched_until))
    }

    /// Writes a watch to a row of its own, unless the row has a longer one.
    async fn set_watch(&self, key: Item, until: Timestamp) -> Result<(), DbError> {
        let expires = AttributeValue::N(until.epoch_seconds().to_string());
        let update = self
            .watch(key, until)
            .update_expression("SET watched_until = :until, expires_at = :expires")
            .condition_expression(IS_LONGER)
            .expression_attribute_values(":expires", expires);
        if_met(|| update.clone().send()).await.map(|_| ())
    }

    /// Has a driver watched until this time, unless the driver is already watched longer, or has no
    /// position yet.
    pub async fn watch_driver(&self, driver: &DriverId, until: Timestamp) -> Result<(), DbError> {
        let update = self
            .watch(keys::last_position(driver), until)
            .update_expression("SET watched_until = :until")
            .condition_expression(format!("attribute_exists(driver_id) AND {IS_LONGER}"));
        if_met(|| update.clone().send()).await.map(|_| ())
    }

    fn watch(
        &self,
        key: Item,
        until: Timestamp,
    ) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.tables.positions)
            .set_key(Some(key))
            .expression_attribute_values(":until", keys::text(until.to_string()))
    }

    /// Returns the latest end of the watches of these orders, at most 100 (read consistently). It can be
    /// past.
    pub async fn watches(&self, orders: &[OrderId]) -> Result<Option<Timestamp>, DbError> {
        let keys = orders.iter().copied().map(keys::order_watch).collect();
        let rows = self.get_all(&self.tables.positions, keys, Consistency::Strong).await?;
        let ends = rows.into_iter().map(|row| Ok(serde_dynamo::from_item::<_, Watch>(row)?));
        let ends = ends.map(|watch: Result<_, DbError>| Ok(watch?.watched_until));
        Ok(ends.collect::<Result<Vec<_>, DbError>>()?.into_iter().max())
    }
}
