//! Prices and quantities.

use serde::{Deserialize, Serialize};

use super::{Bounds, Invalid, Shape, Shaped, schema_of_shape};

/// The quantity of an item: 1 to 100,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Quantity(u32);

/// A price in minor units: 0 to 1,000,000,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct UnitPrice(u64);

impl TryFrom<u64> for Quantity {
    type Error = Invalid;

    fn try_from(count: u64) -> Result<Self, Invalid> {
        match u32::try_from(count) {
            Ok(count @ 1..=100_000) => Ok(Self(count)),
            _ => Err(Invalid::new("must be a whole number from 1 to 100000")),
        }
    }
}

impl Quantity {
    /// Returns the quantity.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl From<Quantity> for u64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0.into()
    }
}

impl Shaped for Quantity {
    const SHAPE: Shape =
        Shape { name: None, about: "The quantity.", bounds: Bounds::Integer(1, 100_000) };
}

schema_of_shape!(Quantity);

impl Shaped for UnitPrice {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The price of one, in minor units of the order's currency.",
        bounds: Bounds::Integer(0, 1_000_000_000_000),
    };
}

schema_of_shape!(UnitPrice);

impl TryFrom<u64> for UnitPrice {
    type Error = Invalid;

    fn try_from(price: u64) -> Result<Self, Invalid> {
        if price <= 1_000_000_000_000 {
            Ok(Self(price))
        } else {
            Err(Invalid::new("must be a whole number of minor units from 0 to 1000000000000"))
        }
    }
}

impl From<UnitPrice> for u64 {
    fn from(price: UnitPrice) -> Self {
        price.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_from_1_to_100_000() {
        for (count, fits) in [
            (0, false),
            (1, true),
            (100_000, true),
            (100_001, false),
            (u64::from(u32::MAX) + 2, false),
            (u64::MAX, false),
        ] {
            let quantity = Quantity::try_from(count);
            assert_eq!(quantity.map(u64::from).ok(), fits.then_some(count), "{count}");
        }
    }

    #[test]
    fn prices_are_from_nothing_to_a_million_million() {
        for (minor_units, fits) in
            [(0, true), (1_000_000_000_000, true), (1_000_000_000_001, false), (u64::MAX, false)]
        {
            let price = UnitPrice::try_from(minor_units);
            assert_eq!(price.map(u64::from).ok(), fits.then_some(minor_units), "{minor_units}");
        }
    }

    #[test]
    fn numbers_of_json_are_whole_and_not_negative() {
        for text in ["-1", "1.5", "1e2", "\"1\"", "null", "18446744073709551616"] {
            assert!(serde_json::from_str::<Quantity>(text).is_err(), "{text}");
            assert!(serde_json::from_str::<UnitPrice>(text).is_err(), "{text}");
        }
    }
}
