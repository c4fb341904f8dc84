//! What is personal or large: kept apart from the head, and erasable.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::as_text::serde_as_text;
use super::shape::schema_of_shape;
use super::{Address, Bounds, Contact, HandoverCode, Invalid, Name, Shape, Shaped, Sku};

/// The most items on one order.
pub const MAX_ITEMS: usize = 100;

/// The personal and large data of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Who receives the order.
    pub customer: Customer,
    /// Where it is fetched and brought.
    pub addresses: Addresses,
    /// What it holds; an item's line is its place here, from 1.
    pub items: Vec<Item>,
    /// The currency of every price.
    pub currency: Option<Currency>,
    /// What the customer tells whoever hands the order over.
    pub handover_code: Option<HandoverCode>,
}

impl Details {
    /// What everything costs, in minor units; none where an item has no price, or
    /// there is no item.
    pub fn total(&self) -> Option<i64> {
        // 100 items cannot pass i64 but together: 10¹⁷ each.
        let amounts: Option<Vec<i64>> = self.items.iter().map(Item::amount).collect();
        amounts?.into_iter().reduce(i64::saturating_add)
    }

    /// What the items with a price cost, in minor units: what an order may come to
    /// once the others are off it.
    pub fn priced(&self) -> i64 {
        self.items.iter().filter_map(Item::amount).fold(0, i64::saturating_add)
    }
}

/// Some of an order's personal data as they should have been.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// How to reach the customer.
    pub contact: Option<Contact>,
    /// Where the driver fetches the order.
    pub pickup: Option<Address>,
    /// Where the customer waits.
    pub dropoff: Option<Address>,
}

/// A field that can be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DetailsField {
    /// How to reach the customer.
    Contact,
    /// Where the driver fetches the order.
    Pickup,
    /// Where the customer waits.
    Dropoff,
}

impl Correction {
    /// Which fields it corrects.
    pub fn fields(&self) -> Vec<DetailsField> {
        let given = [
            (DetailsField::Contact, self.contact.is_some()),
            (DetailsField::Pickup, self.pickup.is_some()),
            (DetailsField::Dropoff, self.dropoff.is_some()),
        ];
        given.into_iter().filter_map(|(field, given)| given.then_some(field)).collect()
    }
}

/// The person who receives the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    /// What to call them.
    pub name: Name,
    /// How to reach them.
    pub contact: Contact,
}

/// Where an order is fetched and brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Where the driver fetches it.
    pub pickup: Option<Address>,
    /// Where the customer waits.
    pub dropoff: Option<Address>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The merchant's name of the product.
    pub sku: Sku,
    /// The product's name for people.
    pub name: Name,
    /// How many.
    pub quantity: Quantity,
    /// The price of one, in minor units of the order's currency.
    pub unit_price: Option<UnitPrice>,
}

impl Item {
    /// What the line costs, in minor units; none if it has no price.
    pub fn amount(&self) -> Option<i64> {
        let price = i64::try_from(self.unit_price?.0).ok()?;
        Some(price * i64::from(self.quantity.0))
    }
}

/// An ISO 4217 code, three capital letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Currency(String);

impl Currency {
    /// Accepts three capital ASCII letters.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be an ISO 4217 code, three capital letters"))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Shaped for Currency {
    const SHAPE: Shape = Shape {
        name: None,
        about: "An ISO 4217 code.",
        bounds: Bounds::Text { length: (3, 3), pattern: "^[A-Z]{3}$" },
    };
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Currency);

/// How many of an item: 1 to 100,000.
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

impl From<Quantity> for u64 {
    fn from(quantity: Quantity) -> Self {
        quantity.0.into()
    }
}

impl Shaped for Quantity {
    const SHAPE: Shape =
        Shape { name: None, about: "How many.", bounds: Bounds::Integer(1, 100_000) };
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

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!(Currency::parse("EUR").unwrap().as_str(), "EUR");
        for text in ["", "EU", "EURO", "eur", "EU1", "ÉU", "€", " EUR"] {
            assert!(Currency::parse(text).is_err(), "{text:?}");
        }
    }

    fn details(prices: &[Option<u64>]) -> Details {
        let item = |price: &Option<u64>| Item {
            sku: Sku::parse("A1").unwrap(),
            name: Name::parse("Tea").unwrap(),
            quantity: 100_000.try_into().unwrap(),
            unit_price: price.map(|price| price.try_into().unwrap()),
        };
        Details {
            customer: Customer {
                name: Name::parse("Ada").unwrap(),
                contact: Contact::parse("12345").unwrap(),
            },
            addresses: Addresses::default(),
            items: prices.iter().map(item).collect(),
            currency: None,
            handover_code: None,
        }
    }

    #[test]
    fn a_total_is_of_items_that_all_have_a_price() {
        for (prices, total, priced) in [
            (&[][..], None, 0),
            (&[Some(0)], Some(0), 0),
            (&[Some(3), Some(4)], Some(700_000), 700_000),
            (&[Some(3), None], None, 300_000),
            (&[None], None, 0),
        ] {
            let details = details(prices);
            assert_eq!((details.total(), details.priced()), (total, priced), "{prices:?}");
        }
    }

    #[test]
    fn the_dearest_order_does_not_pass_what_a_number_holds() {
        let dearest = details(&[Some(1_000_000_000_000); MAX_ITEMS]);
        assert_eq!((dearest.total(), dearest.priced()), (Some(i64::MAX), i64::MAX));
    }
}
