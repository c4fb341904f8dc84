//! The places that a driver has to go to.

use super::StopKind;
use crate::{Location, Order, OrderId};

/// The greatest number of stops that are kept of a driver.
pub const MAX_STOPS: usize = 8;

/// The places of an order that a driver has, or of those that the driver has still to go to, as far as
/// their locations are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub order: OrderId,
    pub pickup: Option<Location>,
    pub dropoff: Option<Location>,
}

impl Stop {
    /// Returns the places of `order` that its driver has still to go to, if these are all; `None` if there
    /// are none, or if the order is to be picked up at an unknown place: the way to it is unknown.
    pub fn remaining(&self, order: &Order) -> Option<Self> {
        match order.next_stop()? {
            StopKind::Pickup => self.pickup.map(|_| *self),
            StopKind::Dropoff => Some(Self { pickup: None, ..*self }),
        }
    }
}
