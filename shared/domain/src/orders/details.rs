//! The personal or large data of an order. It is stored apart from the head, and can be erased.

use schemars::JsonSchema;

use crate::values::name_enum;
use crate::{Address, Contact, Currency, HandoverCode, Name, Quantity, Sku, UnitPrice};

/// The maximum number of items of an order.
pub const MAX_ITEMS: usize = 100;

/// The personal and large data of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub customer: Customer,
    pub addresses: Addresses,
    /// The items; an item's line is its position here, from 1.
    pub items: Vec<LineItem>,
    /// The currency of all prices.
    pub currency: Option<Currency>,
    /// The code that the customer tells the driver at handover.
    pub handover_code: Option<HandoverCode>,
}

impl Details {
    /// Returns the total price, in minor units; `None` if an item has no price, or there is no
    /// item.
    pub fn total(&self) -> Option<i64> {
        // An item is at most 10¹⁷, which fits an i64; 100 items together may not, so the sum
        // saturates.
        let amounts: Option<Vec<i64>> = self.items.iter().map(LineItem::amount).collect();
        amounts?.into_iter().reduce(i64::saturating_add)
    }

    /// Returns the total of the items that have a price, in minor units: the possible total of an
    /// order once the other items are removed.
    pub fn priced(items: &[LineItem]) -> i64 {
        items.iter().filter_map(LineItem::amount).fold(0, i64::saturating_add)
    }
}

/// Corrected values of an order's personal data; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    pub contact: Option<Contact>,
    pub pickup: Option<Address>,
    pub dropoff: Option<Address>,
    /// Each line at most once.
    pub items: Vec<ItemCorrection>,
    /// The currency of the prices; for another than the order has, all prices are set anew.
    pub currency: Option<Currency>,
}

/// The corrected quantity or price of a line; absent fields stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemCorrection {
    /// The line's number, from 1.
    pub line: usize,
    pub quantity: Option<Quantity>,
    pub unit_price: Option<UnitPrice>,
}

impl ItemCorrection {
    /// Returns the item with the correction.
    pub fn of(&self, item: LineItem) -> LineItem {
        LineItem {
            quantity: self.quantity.unwrap_or(item.quantity),
            unit_price: self.unit_price.or(item.unit_price),
            ..item
        }
    }
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
        /// Quantities or prices of items.
        Items = "items",
    }
}

impl Correction {
    /// Returns the corrected values for details that have these `items`.
    pub(super) fn of(&self, items: &[LineItem]) -> CorrectedDetails {
        let Self { contact, pickup, dropoff, .. } = self.clone();
        CorrectedDetails {
            contact,
            pickup,
            dropoff,
            items: (!self.items.is_empty()).then(|| self.corrected(items)),
            currency: self.currency.clone(),
        }
    }

    /// Returns the items with the corrections.
    pub(super) fn corrected(&self, items: &[LineItem]) -> Vec<LineItem> {
        let of_line = |line| self.items.iter().find(|it| it.line == line);
        let items = (1..).zip(items.iter().cloned());
        items
            .map(|(line, item)| match of_line(line) {
                Some(correction) => correction.of(item),
                None => item,
            })
            .collect()
    }

    /// Returns the corrected fields, without items that stay as they are.
    pub(super) fn changed(&self, items: &[LineItem]) -> Vec<DetailsField> {
        let mut fields = self.fields();
        let changes = self.currency.is_some() || self.corrected(items) != items;
        fields.retain(|field| *field != DetailsField::Items || changes);
        fields
    }

    /// Returns the corrected fields.
    pub fn fields(&self) -> Vec<DetailsField> {
        let given = [
            (DetailsField::Contact, self.contact.is_some()),
            (DetailsField::Pickup, self.pickup.is_some()),
            (DetailsField::Dropoff, self.dropoff.is_some()),
            (DetailsField::Items, !self.items.is_empty()),
        ];
        given.into_iter().filter_map(|(field, given)| given.then_some(field)).collect()
    }
}

/// The corrected values of an order's details; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CorrectedDetails {
    pub contact: Option<Contact>,
    pub pickup: Option<Address>,
    pub dropoff: Option<Address>,
    /// All items, if one of them is corrected.
    pub items: Option<Vec<LineItem>>,
    pub currency: Option<Currency>,
}

impl CorrectedDetails {
    /// Combines both corrections; `later` wins for a field that both correct.
    fn and(self, later: Self) -> Self {
        Self {
            contact: later.contact.or(self.contact),
            pickup: later.pickup.or(self.pickup),
            dropoff: later.dropoff.or(self.dropoff),
            items: later.items.or(self.items),
            currency: later.currency.or(self.currency),
        }
    }
}

/// The change that a commit makes to an order's details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DetailsChange {
    /// Stores the details of a new order.
    Put(Box<Details>),
    /// Corrects at least one field.
    Correct(CorrectedDetails),
    /// Erases the details.
    Erase,
}

impl DetailsChange {
    /// Combines this change with `later`.
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
    pub contact: Contact,
}

/// The pickup and drop-off addresses of an order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    pub pickup: Option<Address>,
    pub dropoff: Option<Address>,
}

/// One line of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineItem {
    /// The merchant's identifier of the product.
    pub sku: Sku,
    /// The product's display name.
    pub name: Name,
    pub quantity: Quantity,
    /// The price of one unit, in minor units of the order's currency.
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
            assert_eq!(
                (details.total(), Details::priced(&details.items)),
                (total, priced),
                "{prices:?}"
            );
        }
    }

    #[test]
    fn the_dearest_order_does_not_pass_what_a_number_holds() {
        let dearest = details(&[Some(1_000_000_000_000); MAX_ITEMS]);
        assert_eq!((dearest.total(), Details::priced(&dearest.items)), (Some(i64::MAX), i64::MAX));
    }
}
