//! The times in which an order was on the way.

use clock::Timestamp;

use super::evolve::fold_step_by_step;
use crate::{DriverId, Event, FoldError, Order, OrderId, Phase};

/// A time in which a driver had an order on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    pub driver: DriverId,
    pub from: Timestamp,
    /// `None` while the trip lasts.
    pub to: Option<Timestamp>,
}

/// Returns the trips of an order, in order of time, from its whole history.
pub fn trips<'a>(
    id: OrderId,
    events: impl IntoIterator<Item = &'a Event>,
) -> Result<Vec<Trip>, FoldError> {
    let mut trips: Vec<Trip> = Vec::new();
    fold_step_by_step(id, events, |order, event| {
        let carrier = order.driver.as_ref().filter(|_| is_carried(order));
        let going = trips.last_mut().filter(|trip| trip.to.is_none());
        let goes_on = going.as_ref().map(|trip| &trip.driver) == carrier;
        if goes_on {
            return;
        }
        if let Some(trip) = going {
            trip.to = Some(event.at);
        }
        let begins = carrier.cloned();
        trips.extend(begins.map(|driver| Trip { driver, from: event.at, to: None }));
    })?;
    Ok(trips)
}

const fn is_carried(order: &Order) -> bool {
    match order.status.phase() {
        Phase::OnTheWay | Phase::Returning => true,
        Phase::Placed
        | Phase::Preparing
        | Phase::Ready
        | Phase::Delivered
        | Phase::Returned
        | Phase::Cancelled
        | Phase::Failed => false,
    }
}
