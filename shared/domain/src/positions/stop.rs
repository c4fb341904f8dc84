//! The places that a driver has to go to.

use crate::{Location, OrderId};

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
