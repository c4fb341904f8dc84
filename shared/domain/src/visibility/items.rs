//! The views of an order's lines and of the substitutions of them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    Answer, Basket, Details, LineItem, Name, Order, Quantity, Replacement, Sku, Substitute,
    Substitution, SubstitutionId, UnitPrice,
};

pub(super) fn items<'a>(order: &'a Order, details: &'a Details) -> Vec<ItemView<'a>> {
    let items = (1..).zip(&details.items);
    items.map(|(line, item)| ItemView::new(line, item, order.basket.as_ref())).collect()
}

pub(super) fn substitutions(basket: &Basket) -> Vec<SubstitutionView<'_>> {
    let ids = SubstitutionId::after(0).and_following();
    ids.zip(&basket.substitutions).map(SubstitutionView::of).collect()
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Item")]
pub(super) struct ItemView<'a> {
    line: usize,
    /// The goods that the customer gets; those that were ordered, if the line is removed.
    #[serde(flatten)]
    goods: GoodsView<'a>,
    /// The price of the line, in minor units. The amounts of all lines that are not removed add
    /// up to the order's `total`.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    removed: bool,
    /// The goods that were ordered, if the customer gets others.
    #[serde(skip_serializing_if = "Option::is_none")]
    ordered: Option<GoodsView<'a>>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Goods")]
struct GoodsView<'a> {
    sku: &'a Sku,
    name: &'a Name,
    quantity: Quantity,
    /// The price of one, in minor units; absent if it is not known, or if the price of a
    /// substitute does not divide by the quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    unit_price: Option<UnitPrice>,
}

impl<'a> ItemView<'a> {
    /// Returns the line as it is now; `basket` is `None` if no store prepares the order.
    fn new(line: usize, item: &'a LineItem, basket: Option<&'a Basket>) -> Self {
        let LineItem { sku, name, quantity, unit_price } = item;
        let ordered = GoodsView { sku, name, quantity: *quantity, unit_price: *unit_price };
        let removed = basket.is_some_and(|basket| basket.is_removed(line));
        let amount = match basket {
            Some(basket) => basket.amount(line),
            None => item.amount(),
        };
        let replacement = basket.filter(|_| !removed).and_then(|it| it.in_place_of(line));
        let goods = replacement.map(|it| ordered.replaced(&it.replacement, amount));
        Self {
            line,
            goods: goods.unwrap_or(ordered),
            amount: amount.filter(|_| !removed),
            removed,
            ordered: goods.map(|_| ordered),
        }
    }
}

impl<'a> GoodsView<'a> {
    fn replaced(self, replacement: &'a Replacement, amount: Option<i64>) -> Self {
        match replacement {
            Replacement::Substitute(Substitute { sku, name }) => {
                let unit_price = amount.and_then(|amount| unit_price(amount, self.quantity));
                Self { sku, name, unit_price, ..self }
            }
            Replacement::Fewer { quantity } => {
                let quantity = u64::from(*quantity).try_into();
                Self { quantity: quantity.unwrap_or(self.quantity), ..self }
            }
        }
    }
}

fn unit_price(amount: i64, quantity: Quantity) -> Option<UnitPrice> {
    let (amount, quantity) = (u64::try_from(amount).ok()?, u64::from(quantity));
    if !amount.is_multiple_of(quantity) {
        return None;
    }
    UnitPrice::try_from(amount / quantity).ok()
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Substitution")]
pub(super) struct SubstitutionView<'a> {
    id: SubstitutionId,
    line: usize,
    #[serde(flatten)]
    replacement: ReplacementView<'a>,
    price_difference: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

impl<'a> SubstitutionView<'a> {
    fn of((id, substitution): (SubstitutionId, &'a Substitution)) -> Self {
        let Substitution { line, replacement, price_difference, answer } = substitution;
        Self {
            id,
            line: *line,
            replacement: ReplacementView::of(replacement),
            price_difference: *price_difference,
            answer: *answer,
        }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Replacement")]
pub(super) struct ReplacementView<'a> {
    /// Another product; absent for a shortage.
    #[serde(skip_serializing_if = "Option::is_none")]
    substitute: Option<SubstituteView<'a>>,
    /// The quantity that is left of a line that is short; 0 if it is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u32>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Substitute")]
struct SubstituteView<'a> {
    sku: &'a Sku,
    name: &'a Name,
}

impl<'a> ReplacementView<'a> {
    pub(super) fn of(replacement: &'a Replacement) -> Self {
        match replacement {
            Replacement::Substitute(Substitute { sku, name }) => {
                Self { substitute: Some(SubstituteView { sku, name }), quantity: None }
            }
            Replacement::Fewer { quantity } => Self { substitute: None, quantity: Some(*quantity) },
        }
    }
}
