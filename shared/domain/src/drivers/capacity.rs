//! The number of orders that a driver carries at once.

use serde::{Deserialize, Serialize};

use crate::values::schema_of_shape;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum number of open orders that a driver has at once, from 1 to 20.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Capacity(u8);

impl Capacity {
    /// The maximum of all drivers: with this many orders a roster item is still below 1 KB, the
    /// size up to which DynamoDB charges one unit for a write.
    const MOST: u8 = 20;

    /// Returns the number of orders.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl Default for Capacity {
    fn default() -> Self {
        Self(3)
    }
}

impl TryFrom<u64> for Capacity {
    type Error = Invalid;

    fn try_from(orders: u64) -> Result<Self, Invalid> {
        let orders = u8::try_from(orders).ok().filter(|orders| (1..=Self::MOST).contains(orders));
        orders.map(Self).ok_or(Invalid::new("must be from 1 to 20"))
    }
}

impl From<Capacity> for u64 {
    fn from(capacity: Capacity) -> Self {
        capacity.0.into()
    }
}

impl Shaped for Capacity {
    const SHAPE: Shape = Shape {
        name: Some("Capacity"),
        about: "The maximum number of open orders that the driver has at once; 3 by default.",
        bounds: Bounds::Integer(1, Self::MOST as i64),
    };
}

schema_of_shape!(Capacity);
