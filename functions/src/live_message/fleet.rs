//! `snapshot` of a fleet: the positions of its drivers.

use std::collections::BTreeSet;

use db::{Consistency, Whereabouts};
use domain::visibility::{FleetPositionView, Source, fleet_position};
use domain::{Fleet, Order, OrderId, Principal};
use http_api::{Cursor, Problem};
use serde_json::value::to_raw_value;

use super::{Live, Sender};
use crate::live::{SnapshotPage, positions};

/// The number of drivers on a page.
const PAGE: u16 = 50;

/// The number of orders that are read at once: `DynamoDB`'s limit for a batch.
const ORDERS: usize = 100;

impl Live {
    /// Sends the positions of a page of the fleet's drivers on duty, as far as the client sees them now,
    /// and returns the page, which has no orders.
    pub(super) async fn fleet_page(
        &self,
        sender: &Sender,
        fleet: &Fleet,
        (cursor, bound): (Option<&Cursor>, &str),
    ) -> Result<SnapshotPage, Problem> {
        let principal = sender.principal();
        let after = cursor.map(|cursor| self.cursors.open(cursor, principal, bound)).transpose()?;
        let (drivers, next) = self.db.fleet_on_duty(fleet, after.as_ref(), PAGE).await?;
        let orders = self.orders_of(principal, &drivers).await?;
        let now = self.clock.now();
        let views = drivers.iter().filter_map(|driver| {
            let (roster, last) = (&driver.roster, driver.last.as_ref()?);
            let theirs: Vec<_> =
                orders.iter().filter(|order| roster.orders.contains(&order.id)).collect();
            let fix = last.fix.as_ref();
            let source = Source::new(roster, fix, &last.stops, theirs.iter().copied());
            Some(source.view(fleet_position(principal, &source, &theirs, now)?))
        });
        let views = views.map(|view: FleetPositionView| to_raw_value(&view));
        let views = views.collect::<Result<Vec<_>, _>>().map_err(Problem::from_fault)?;
        for frame in positions(views) {
            self.connections.post(&sender.connection, frame.to_json()).await?;
        }
        let seal = |position| self.cursors.seal(&position, principal, bound);
        Ok(SnapshotPage { next: next.map(seal).transpose()?, ..SnapshotPage::default() })
    }

    /// Reads the orders of drivers, without those that cannot be parsed. Operations see the drivers without.
    async fn orders_of(
        &self,
        principal: &Principal,
        drivers: &[Whereabouts],
    ) -> Result<Vec<Order>, Problem> {
        let drivers = drivers.iter().filter(|_| principal.merchant().is_some());
        let ids: BTreeSet<OrderId> =
            drivers.flat_map(|driver| driver.roster.orders.iter().copied()).collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let mut orders = Vec::new();
        for ids in ids.chunks(ORDERS) {
            for (id, head) in self.db.each_head(ids, Consistency::Strong).await? {
                match head {
                    Ok(head) => orders.push(head.order),
                    Err(error) => {
                        tracing::error!(order.id = %id, %error, "an order cannot be parsed");
                    }
                }
            }
        }
        Ok(orders)
    }
}
