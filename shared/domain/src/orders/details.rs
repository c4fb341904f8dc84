//! Personal or large data of an order: kept apart from the head, and erasable.

use schemars::JsonSchema;

use crate::values::name_enum;
use crate::{Address, Contact, Currency, HandoverCode, Name, Quantity, Sku, UnitPrice};

/// The most items on one order.
pub const MAX_ITEMS: usize = 100;

/// The personal and large data of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub customer: Customer,
    /// Where it is fetched and brought.
    pub addresses: Addresses,
    /// The items; an item's line is its position here, from 1.
    pub items: Vec<LineItem>,
    /// The currency of every price.
    pub currency: Option<Currency>,
    /// The code that the customer tells the driver at handover.
    pub handover_code: Option<HandoverCode>,
}

impl Details {
    /// Returns the total price, in minor units; `None` if an item has no price, or there is no
    /// item.
    pub fn total(&self) -> Option<i64> {
        // 100 items cannot pass i64 but together: 10¹⁷ each.
        let amounts: Option<Vec<i64>> = self.items.iter().map(LineItem::amount).collect();
        amounts?.into_iter().reduce(i64::saturating_add)
    }

    /// Returns the price of the items that have one, in minor units: what an order may come to
    /// once the others are off it.
    pub fn priced(&self) -> i64 {
        self.items.iter().filter_map(LineItem::amount).fold(0, i64::saturating_add)
    }
}

/// Some of an order's personal data as they should have been.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// The customer's contact.
    pub contact: Option<Contact>,
    /// The pickup address.
    pub pickup: Option<Address>,
    /// The drop-off address.
    pub dropoff: Option<Address>,
}

name_enum! {
    /// A field that can be corrected.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum DetailsField {
        /// The customer's contact.
        Contact = "contact",
        /// The pickup address.
        Pickup = "pickup",
        /// The drop-off address.
        Dropoff = "dropoff",
    }
}

impl Correction {
    /// This and then `later`, whose word on a field counts.
    fn and(self, later: Self) -> Self {
        Self {
            contact: later.contact.or(self.contact),
            pickup: later.pickup.or(self.pickup),
            dropoff: later.dropoff.or(self.dropoff),
        }
    }

    /// Returns the fields that it corrects.
    pub fn fields(&self) -> Vec<DetailsField> {
        let given = [
            (DetailsField::Contact, self.contact.is_some()),
            (DetailsField::Pickup, self.pickup.is_some()),
            (DetailsField::Dropoff, self.dropoff.is_some()),
        ];
        given.into_iter().filter_map(|(field, given)| given.then_some(field)).collect()
    }
}

/// The change that a commit makes to an order's details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetailsChange {
    /// A new order has these.
    Put(Box<Details>),
    /// Some of them should have been otherwise; one at least.
    Correct(Correction),
    /// They are gone.
    Erase,
}

impl DetailsChange {
    /// This and then `later` as one.
    #[must_use]
    pub fn and_then(self, later: Self) -> Self {
        match (self, later) {
            (Self::Correct(earlier), Self::Correct(later)) => Self::Correct(earlier.and(later)),
            (_, later) => later,
        }
    }
}

/// The person who receives the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Customer {
    pub name: Name,
    /// How to reach them.
    pub contact: Contact,
}

/// Where an order is fetched and brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Where the driver fetches it.
    pub pickup: Option<Address>,
    /// The drop-off address.
    pub dropoff: Option<Address>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// The merchant's name of the product.
    pub sku: Sku,
    /// The product's name for people.
    pub name: Name,
    /// The quantity.
    pub quantity: Quantity,
    /// The price of one, in minor units of the order's currency.
    pub unit_price: Option<UnitPrice>,
}

impl LineItem {
    /// Returns the price of the line, in minor units; `None` if it has no price.
    pub fn amount(&self) -> Option<i64> {
        let price = i64::try_from(u64::from(self.unit_price?)).ok()?;
        Some(price * i64::from(self.quantity.get()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(prices: &[Option<u64>]) -> Details {
        let item = |price: &Option<u64>| LineItem {
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
