//! The places that drivers have to go to.

use domain::{MAX_STOPS, OrderId, Stop};

use super::Whereabouts;
use crate::{Db, DbError};

impl Db {
    /// Returns the places of a driver's orders, as many as are kept: those that are known, unless the
    /// driver's orders have changed.
    pub async fn stops(&self, at: &Whereabouts) -> Result<Vec<Stop>, DbError> {
        let (orders, last) = (&at.roster.orders, at.last.as_ref());
        let known = last.map_or(&[][..], |last| &last.stops);
        if last.is_some_and(|last| last.has_stops_of(orders)) {
            return Ok(known.to_vec());
        }
        let mut stops = Vec::new();
        for order in orders.iter().take(MAX_STOPS) {
            let stop = known.iter().find(|stop| stop.order == *order);
            stops.push(match stop {
                Some(stop) => *stop,
                None => self.stop(*order).await?,
            });
        }
        Ok(stops)
    }

    /// Reads the places of an order; none of one that does not exist, or is erased.
    async fn stop(&self, order: OrderId) -> Result<Stop, DbError> {
        let Some(head) = self.head(order).await? else {
            return Ok(Stop { order, pickup: None, dropoff: None });
        };
        let (pickup, dropoff) = self.locations(&head.order).await?;
        Ok(Stop { order, pickup, dropoff })
    }
}
