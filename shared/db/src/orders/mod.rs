//! Orders: heads, histories and details, changed in one transaction.

mod change;
mod commit;
mod create;
mod details;
mod dispatch;
mod due;
mod effects;
mod event;
mod facts;
mod head;
mod history;
mod idempotency;
mod list;
mod load;
mod offers;
mod plan;
mod reservation;
mod timelines;
mod walk;

pub use change::{ChangeError, Outcome, Replay};
pub use create::CreateError;
pub use dispatch::Dispatched;
pub use due::{DueError, Overdue};
pub use effects::{Unmet, WriteEffect};
pub use facts::{Missed, OnTheWay};
pub use head::Head;
pub use idempotency::{Digest, KeyedRequest};
pub use list::{Consistency, ListError, Page, Position};
pub use plan::Unplannable;
pub use timelines::Timelines;

use std::collections::BTreeMap;

use domain::{Address, Details, Known, Location, Needs, Order, OrderId};
use futures_util::future::try_join_all;

use super::{Db, DbError, MerchantSettings, keys};

impl Db {
    /// Reads the order's current head (read consistently).
    pub async fn head(&self, id: OrderId) -> Result<Option<Head>, DbError> {
        let item = self.get(&self.tables.orders, keys::head(id), Consistency::Strong, &[]).await?;
        item.map(Head::from_item).transpose()
    }

    /// Reads the data that a decision needs beside the order's head; all but the merchant's settings
    /// consistently.
    pub async fn known(&self, order: &Order, needs: Needs) -> Result<Known, DbError> {
        let Needs { handover_code, items, closed_by, stores, drivers } = needs;
        let closed_by = if closed_by { self.last_mover(order.id).await? } else { None };
        // At most those of an offer, at once.
        let rosters = try_join_all(drivers.iter().map(|driver| self.roster(driver))).await?;
        let rosters = rosters.into_iter().flatten().map(|it| (it.driver.clone(), it));
        let rosters: BTreeMap<_, _> = rosters.collect();
        let settings = if stores || rosters.len() < drivers.len() {
            self.merchant_settings(&order.placed.merchant, Consistency::Eventual).await?
        } else {
            MerchantSettings::default()
        };
        let (stores, drivers) = (settings.stores, settings.drivers);
        let known = Known { closed_by, stores, rosters, drivers, ..Known::default() };
        let wanted = [("handover_code", handover_code), ("items", items), ("currency", items)];
        let wanted: Vec<_> = wanted.iter().filter_map(|(name, it)| it.then_some(*name)).collect();
        if wanted.is_empty() {
            return Ok(known);
        }
        let (table, key) = (&self.tables.details, keys::details(order.id));
        let item = self.get(table, key, Consistency::Strong, &wanted).await?;
        details::with_details(known, item.unwrap_or_default())
    }

    /// Returns the location of an order's drop-off (read consistently), if it is known.
    pub async fn dropoff(&self, id: OrderId) -> Result<Option<Location>, DbError> {
        let (_, dropoff) = self.addresses(id).await?;
        Ok(dropoff.and_then(|address| address.location))
    }

    /// Reads the order's own pickup and its drop-off (consistently), without the rest of its details.
    async fn addresses(&self, id: OrderId) -> Result<(Option<Address>, Option<Address>), DbError> {
        let (table, key) = (&self.tables.details, keys::details(id));
        let item = self.get(table, key, Consistency::Strong, &["pickup", "dropoff"]).await?;
        Ok(item.map(details::addresses).transpose()?.unwrap_or_default())
    }

    /// Returns the locations of the order's pickup and drop-off, as far as they are known. The pickup is
    /// that of the order's store, unless the order has its own.
    pub(crate) async fn locations(
        &self,
        order: &Order,
    ) -> Result<(Option<Location>, Option<Location>), DbError> {
        let (pickup, dropoff) = self.addresses(order.id).await?;
        let pickup = match (pickup, &order.store) {
            (None, Some(store)) => {
                let merchant = &order.placed.merchant;
                let store = self.store(merchant, store, Consistency::Eventual).await?;
                store.and_then(|stored| stored.store.address.location)
            }
            (pickup, _) => pickup.and_then(|address| address.location),
        };
        Ok((pickup, dropoff.and_then(|address| address.location)))
    }

    /// Reads the order's personal and large data (read consistently); `None` once it is erased.
    pub async fn details(&self, id: OrderId) -> Result<Option<Details>, DbError> {
        let (table, key) = (&self.tables.details, keys::details(id));
        let item = self.get(table, key, Consistency::Strong, &[]).await?;
        item.map(details::from_item).transpose()
    }
}
