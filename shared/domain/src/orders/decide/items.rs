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
    let mut items = known.items.clone();
    for (at, it) in correction.items.iter().enumerate() {
        let again = correction.items[..at].iter().any(|earlier| earlier.line == it.line);
        let item = it.line.checked_sub(1).and_then(|at| items.get_mut(at));
        let Some(item) = item.filter(|_| !again) else {
            return unfit("items", "must name lines of the order, each once");
        };
        // The difference of a substitution's price counts from the price that the line had.
        if order.basket.as_ref().is_some_and(|basket| basket.has_substitution(it.line)) {
            return Err(Rejection::LineTaken { status: order.status, line: it.line });
        }
        *item = it.of(item.clone());
    }
    check_currency(correction, known, &items)?;
    let priced = items.iter().filter_map(LineItem::amount).fold(0, i64::saturating_add);
    if priced > MAX_TOTAL {
        return unfit("items", "must not total more than 1000000000000000");
    }
    let line = |it: &ItemCorrection| {
        let amount = items.get(it.line - 1).and_then(LineItem::amount);
        CorrectedLine { line: it.line, amount }
    };
    Ok(correction.items.iter().filter(|_| order.basket.is_some()).map(line).collect())
}

fn check_currency(
    correction: &Correction,
    known: &Known,
    items: &[LineItem],
) -> Result<(), Rejection> {
    match (&known.currency, &correction.currency) {
        (Some(own), Some(other)) if own != other => {
            unfit("currency", "must be the order's currency")
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
