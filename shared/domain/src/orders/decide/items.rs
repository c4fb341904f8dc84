//! Decides corrections of quantities and prices.

use crate::{
    CorrectedLine, Correction, ItemCorrection, Known, LineItem, MAX_TOTAL, Order, Rejection,
    UnfitField,
};

/// Returns the new prices of the corrected lines, if the head of the order has the prices.
pub(super) fn corrected(
    order: &Order,
    correction: &Correction,
    known: &Known,
) -> Result<Vec<CorrectedLine>, Rejection> {
    for (at, it) in correction.items.iter().enumerate() {
        let again = correction.items[..at].iter().any(|earlier| earlier.line == it.line);
        if again || !(1..=known.items.len()).contains(&it.line) {
            return unfit("items", "must name lines of the order, each once");
        }
        check_line(order, it)?;
    }
    let items = correction.corrected(&known.items);
    check_currency(order, correction, known, &items)?;
    let priced = items.iter().filter_map(LineItem::amount).fold(0, i64::saturating_add);
    if priced > MAX_TOTAL {
        return unfit("items", "must not total more than 1000000000000000");
    }
    let line = |it: &ItemCorrection| {
        let amount = items.get(it.line - 1).and_then(|item| amount(order, it.line, item));
        CorrectedLine { line: it.line, amount }
    };
    Ok(correction.items.iter().filter(|_| order.basket.is_some()).map(line).collect())
}

/// A line keeps its quantity once it has a substitution, and its price while the customer is
/// asked about it.
fn check_line(order: &Order, it: &ItemCorrection) -> Result<(), Rejection> {
    let Some(basket) = &order.basket else { return Ok(()) };
    let is_fixed = basket.is_removed(it.line) || basket.is_asked_about(it.line);
    if is_fixed || (it.quantity.is_some() && basket.has_substitution(it.line)) {
        return Err(Rejection::LineTaken { status: order.status, line: it.line });
    }
    Ok(())
}

/// Returns the price of the line, as many as the customer gets now, in minor units.
fn amount(order: &Order, line: usize, item: &LineItem) -> Option<i64> {
    let own = order.basket.as_ref().and_then(|basket| basket.quantity(line, item.quantity));
    let quantity = own.unwrap_or(item.quantity.get());
    let price = i64::try_from(u64::from(item.unit_price?)).ok()?;
    Some(price.saturating_mul(i64::from(quantity)))
}

/// Another currency is for an order without substitutions whose prices are all set anew.
fn check_currency(
    order: &Order,
    correction: &Correction,
    known: &Known,
    items: &[LineItem],
) -> Result<(), Rejection> {
    let is_anew =
        |line| correction.items.iter().any(|it| it.line == line && it.unit_price.is_some());
    let are_all_anew =
        || (1..).zip(items).all(|(line, item)| item.unit_price.is_none() || is_anew(line));
    let has_substitutions =
        order.basket.as_ref().is_some_and(|basket| !basket.substitutions.is_empty());
    match (&known.currency, &correction.currency) {
        (Some(own), Some(other)) if own != other && (has_substitutions || !are_all_anew()) => {
            unfit("currency", "must be the order's currency, unless all prices are set anew")
        }
        (None, None) if items.iter().any(|item| item.unit_price.is_some()) => {
            unfit("currency", "is required when an item has a unit_price")
        }
        _ => Ok(()),
    }
}

fn unfit<T>(name: &'static str, why: &'static str) -> Result<T, Rejection> {
    Err(Rejection::UnfitFields(vec![UnfitField { name, why }]))
}
