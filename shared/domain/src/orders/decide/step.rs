//! Decides the steps along a workflow.

use crate::{
    Allowed, Answer, Basket, CodeCheck, Context, DriverId, EventData, HandoverCode,
    MAX_SUBSTITUTIONS, Order, Proposal, Rejection, Role, Status, Step, StoreId, SubstitutionId,
    Transition,
};

/// Returns the status that the step leads to and the data of its event, if a transition allows
/// the step to the principal's role and the order's data allows it.
pub(super) fn taken(
    order: &Order,
    step: Step,
    context: &Context<'_>,
) -> Result<(Status, EventData), Rejection> {
    let transitions = transitions(order, &step, context)?;
    let role = context.principal.role();
    if !transitions.iter().any(|it| it.by.contains(&role)) {
        return Err(Rejection::NotYours { role, allowed: Allowed::to(context.principal, order) });
    }
    let (mut to, mut code) = (transitions[0].to, None);
    match &step {
        Step::Reject { reassign_to: Some(store), .. } => {
            with_another_store(order, store, "reassign_to", context)?;
        }
        Step::Reassign { store } => with_another_store(order, store, "store", context)?,
        Step::Assign { driver } => with_another_driver(order, driver)?,
        Step::ProposeSubstitutions(proposals) => {
            check_proposals(order, basket(order, context)?, proposals)?;
        }
        Step::AnswerSubstitution { id, answer } => {
            to = after_answer(order, &transitions, (*id, *answer), context)?;
        }
        Step::Deliver { code: named, .. } => match hand_over(order, named.as_ref(), context)? {
            Attempt::Refused => return Ok((order.status, EventData::HandoverRefused)),
            Attempt::Done(check) => code = check,
        },
        Step::ChangeStatus { .. }
        | Step::Plain(_)
        | Step::Reject { reassign_to: None, .. }
        | Step::Unassign { .. }
        | Step::DeliveryFailed { .. } => {}
    }
    let data = EventData::of_step(step, order, code);
    Ok((to, data.ok_or_else(|| no_such_transition(order, None, context))?))
}

/// Returns the transitions that the step can take from the current status: at least one.
fn transitions(
    order: &Order,
    step: &Step,
    context: &Context<'_>,
) -> Result<Vec<&'static Transition>, Rejection> {
    let (workflow, status) = (order.placed.workflow, order.status);
    let transitions: Vec<_> = if let Step::ChangeStatus { to } = step {
        workflow.transition(status, *to).into_iter().collect()
    } else {
        let operation = step.operation().into_iter();
        operation.flat_map(|it| workflow.transitions_of(it, status)).collect()
    };
    let Some(first) = transitions.first() else {
        let to = if let Step::ChangeStatus { to } = step { Some(*to) } else { None };
        return Err(no_such_transition(order, to, context));
    };
    if let (Step::ChangeStatus { .. } | Step::Plain(_), Some(operation)) = (step, first.owner()) {
        return Err(Rejection::OwnedByOperation { status, operation });
    }
    Ok(transitions)
}

fn no_such_transition(order: &Order, to: Option<Status>, context: &Context<'_>) -> Rejection {
    let allowed = Allowed::to(context.principal, order);
    Rejection::NoSuchTransition { status: order.status, to, allowed }
}

/// Rejects the store that already has the order, and one that the merchant does not have. A
/// rejection that names another store is compared with the store that rejects.
fn with_another_store(
    order: &Order,
    store: &StoreId,
    field: &'static str,
    context: &Context<'_>,
) -> Result<(), Rejection> {
    let (status, store) = (order.status, store.clone());
    if order.store.as_ref() == Some(&store) {
        return Err(Rejection::SameStore { status, store });
    }
    if !context.known.has_store(&store) {
        return Err(Rejection::UnknownStore { field });
    }
    Ok(())
}

fn with_another_driver(order: &Order, driver: &DriverId) -> Result<(), Rejection> {
    let (status, driver) = (order.status, driver.clone());
    if order.driver.as_ref() == Some(&driver) {
        return Err(Rejection::AlreadyAssigned { status, driver });
    }
    Ok(())
}

/// Returns the order's basket. Without a basket, steps about substitutions are rejected.
fn basket<'o>(order: &'o Order, context: &Context<'_>) -> Result<&'o Basket, Rejection> {
    order.basket.as_ref().ok_or_else(|| no_such_transition(order, None, context))
}

fn check_proposals(
    order: &Order,
    basket: &Basket,
    proposals: &[Proposal],
) -> Result<(), Rejection> {
    // Without a proposal, the customer has nothing to answer.
    if proposals.is_empty() {
        return Err(Rejection::UnfitSubstitution { line: 0 });
    }
    if basket.substitutions.len() + proposals.len() > MAX_SUBSTITUTIONS {
        return Err(Rejection::TooManySubstitutions { status: order.status });
    }
    for (at, Proposal { line, price_difference, .. }) in proposals.iter().enumerate() {
        let again = proposals[..at].iter().any(|earlier| earlier.line == *line);
        if again || basket.of_line(*line).is_some() {
            return Err(Rejection::LineTaken { status: order.status, line: *line });
        }
        if basket.check(*line, *price_difference).is_err() {
            return Err(Rejection::UnfitSubstitution { line: *line });
        }
    }
    Ok(())
}

/// Returns the status that the answer leads to. It depends on the answers to all substitutions,
/// including this one.
fn after_answer(
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
    let then = basket.clone().answered(id, answer).answers();
    let transition = transitions.iter().find(|it| it.when.is_none_or(|when| when == then));
    Ok(transition.ok_or_else(|| no_such_transition(order, None, context))?.to)
}

/// The outcome of an attempt to hand the order over.
enum Attempt {
    /// The order is handed over; with the result of the code check, if the order has a code.
    Done(Option<CodeCheck>),
    /// The code was wrong.
    Refused,
}

fn hand_over(
    order: &Order,
    named: Option<&HandoverCode>,
    context: &Context<'_>,
) -> Result<Attempt, Rejection> {
    let Some(handover) = order.handover else {
        return match named {
            Some(_) => Err(Rejection::NoHandoverCode),
            None => Ok(Attempt::Done(None)),
        };
    };
    let is_ops = context.principal.role() == Role::Ops;
    let is_right = named == context.known.handover_code.as_ref();
    match named {
        None if is_ops => Ok(Attempt::Done(Some(CodeCheck::Waived))),
        Some(_) if is_right && (is_ops || handover.tries_left() > 0) => {
            Ok(Attempt::Done(Some(CodeCheck::Verified)))
        }
        _ if handover.tries_left() == 0 => Err(Rejection::HandoverLocked { status: order.status }),
        None => Err(Rejection::HandoverCodeMissing),
        Some(_) => Ok(Attempt::Refused),
    }
}
