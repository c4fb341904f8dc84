//! Decides proposals of substitutions, and the answers to them.

use super::step::no_such_transition;
use crate::{
    Answer, Basket, Context, LineItem, Order, Proposal, Rejection, Replacement, Shortages, Status,
    SubstitutionId, Transition,
};

/// Completes the proposals, and returns the status that they lead to.
pub(super) fn proposed(
    order: &Order,
    transitions: &[&'static Transition],
    proposals: &mut [Proposal],
    context: &Context<'_>,
) -> Result<Status, Rejection> {
    let basket = basket(order, context)?;
    check(order, basket, proposals)?;
    for proposal in proposals.iter_mut() {
        if let Replacement::Fewer { quantity } = proposal.replacement {
            proposal.price_difference =
                shortage(basket, &context.known.items, proposal.line, quantity)?;
            let asks = order.placed.terms.shortages == Shortages::Ask;
            proposal.answer = (!asks).then_some(Answer::NotNeeded);
        }
    }
    let after = basket.clone().proposed(proposals);
    if after.is_overfull() {
        return Err(Rejection::TooManySubstitutions { status: order.status });
    }
    then(order, transitions, &after, context)
}

/// Returns the status that the answer leads to. It depends on the answers to all substitutions,
/// including this one.
pub(super) fn answered(
    order: &Order,
    transitions: &[&'static Transition],
    (id, answer): (SubstitutionId, Answer),
    context: &Context<'_>,
) -> Result<Status, Rejection> {
    let basket = basket(order, context)?;
    match basket.substitution(id).map(|substitution| substitution.answer) {
        None => return Err(Rejection::NoSuchSubstitution),
        Some(Some(answer)) => {
            return Err(Rejection::Answered { status: order.status, answer });
        }
        Some(None) => {}
    }
    then(order, transitions, &basket.clone().answered(id, answer), context)
}

/// Returns the order's basket. Without a basket, steps about substitutions are rejected.
fn basket<'o>(order: &'o Order, context: &Context<'_>) -> Result<&'o Basket, Rejection> {
    order.basket.as_ref().ok_or_else(|| no_such_transition(order, context))
}

/// Returns the status of the order with its basket in this state.
fn then(
    order: &Order,
    transitions: &[&'static Transition],
    basket: &Basket,
    context: &Context<'_>,
) -> Result<Status, Rejection> {
    let answers = basket.answers();
    let transition = transitions.iter().find(|it| it.when.is_none_or(|when| when == answers));
    Ok(transition.ok_or_else(|| no_such_transition(order, context))?.to)
}

fn check(order: &Order, basket: &Basket, proposals: &[Proposal]) -> Result<(), Rejection> {
    // Without a proposal, the customer has nothing to answer.
    if proposals.is_empty() {
        return Err(Rejection::UnfitSubstitution { line: 0, why: "there is none" });
    }
    for (at, Proposal { line, price_difference, .. }) in proposals.iter().enumerate() {
        let again = proposals[..at].iter().any(|earlier| earlier.line == *line);
        if again || basket.is_asked_about(*line) || basket.is_removed(*line) {
            return Err(Rejection::LineTaken { status: order.status, line: *line });
        }
        if basket.check(*line, *price_difference).is_err() {
            let why = "the order has no such line, or its price is too low";
            return Err(Rejection::UnfitSubstitution { line: *line, why });
        }
    }
    Ok(())
}

/// Returns the difference of a line's price if the customer gets only `quantity`, in minor units.
fn shortage(
    basket: &Basket,
    items: &[LineItem],
    line: usize,
    quantity: u32,
) -> Result<i64, Rejection> {
    let unfit = |why| Rejection::UnfitSubstitution { line, why };
    if quantity == 0 {
        return Ok(-basket.amount(line).unwrap_or_default());
    }
    let item = line.checked_sub(1).and_then(|at| items.get(at));
    let item = item.ok_or(unfit("its quantity is not known"))?;
    let substituted = "the customer gets a substitute, of which quantity can only be 0";
    let now = basket.quantity(line, item.quantity).ok_or(unfit(substituted))?;
    if quantity >= now {
        return Err(unfit("quantity must be less than the customer gets now"));
    }
    let price = item.unit_price.map_or(0, u64::from);
    let price = i64::try_from(price).map_err(|_| unfit("its price is too high"))?;
    Ok(-price.saturating_mul(i64::from(now - quantity)))
}
