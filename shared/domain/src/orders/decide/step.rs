//! Decides the steps along a workflow.

use super::offers::check_answer;
use super::substitutions;
use crate::orders::event::Found;
use crate::orders::is_its_driver;
use crate::{
    Allowed, CodeCheck, Context, DriverId, Drivers, EventData, HandoverCode, OfferEnd, Order,
    Rejection, Role, Roster, Status, Step, StoreId, Transition, Via,
};

/// True if the principal has cancelled, given up or accepted the order before: repeating it changes
/// nothing.
pub(super) fn is_repeated(order: &Order, step: &Step, context: &Context<'_>) -> bool {
    let closed_by = context.known.closed_by.as_ref();
    let is_accepted = matches!(step, Step::Accept { .. })
        && is_its_driver(context.principal, order)
        && order.was_offered_to(context.principal);
    is_accepted || (order.is_given_up_as_by(step) && closed_by == Some(&context.principal.actor()))
}

/// Returns the status that the step leads to and the data of its event, if a transition allows
/// the step to the principal's role and the order's data allows it.
pub(super) fn taken(
    order: &Order,
    step: Step,
    context: &Context<'_>,
) -> Result<(Status, EventData), Rejection> {
    if let Step::Accept { driver } = &step
        && order.was_offered_to(context.principal)
    {
        check_answer(order, driver, context)?;
    }
    let transitions = transitions(order, &step, context)?;
    let mut step = match (step, transitions[0].owner()) {
        // The event is that of the operation, as if the operation had been called.
        (Step::ChangeStatus { to }, Some(owner)) => {
            order.step_by_status(owner).unwrap_or(Step::ChangeStatus { to })
        }
        (step, _) => step,
    };
    let (mut to, mut found) = (transitions[0].to, Found::default());
    match &mut step {
        Step::Reject { reassign_to: Some(store), .. } => {
            with_another_store(order, store, "reassign_to", context)?;
        }
        Step::Reassign { store } => with_another_store(order, store, "store", context)?,
        Step::Assign { driver, replace } => {
            with_another_driver(order, driver, *replace)?;
            found = available(order, driver, context)?;
        }
        Step::Accept { driver } => found = acceptable(order, driver, context)?,
        Step::ProposeSubstitutions(proposals) => {
            to = substitutions::proposed(order, &transitions, proposals, context)?;
        }
        Step::AnswerSubstitution { id, answer } => {
            to = substitutions::answered(order, &transitions, (*id, *answer), context)?;
        }
        Step::Deliver { code: named, .. } => match hand_over(order, named.as_ref(), context)? {
            Attempt::Refused => return Ok((order.status, EventData::HandoverRefused)),
            Attempt::Done(check) => found.code = check,
        },
        Step::Reopen { .. } if order.is_erased => {
            return Err(Rejection::IsErased { status: order.status });
        }
        Step::Reopen { .. } => found.load = is_load_again(order, context),
        // A step without a check of its own needs no line here.
        _ => {}
    }
    let data = EventData::of_step(step, order, found);
    Ok((to, data.ok_or_else(|| no_such_transition(order, context))?))
}

/// Returns the transitions that the step can take from the current status and that are open to
/// the principal: at least one.
fn transitions(
    order: &Order,
    step: &Step,
    context: &Context<'_>,
) -> Result<Vec<&'static Transition>, Rejection> {
    let (status, role) = (order.status, context.principal.role());
    let open = order.placed.workflow.transitions_from(status).filter(|it| step.can_take(it));
    let mut open: Vec<_> = open.filter(|it| it.is_for(role, order.driver.is_some())).collect();
    if open.is_empty() {
        return Err(closed_to(order, step, context));
    }
    if let Step::ChangeStatus { .. } = step {
        // A transition that a change of status can make comes before those of operations.
        open.sort_by_key(|it| it.owner().is_some());
    }
    match (step, open[0].owner()) {
        (Step::ChangeStatus { .. }, Some(owner)) if order.step_by_status(owner).is_some() => {}
        (Step::ChangeStatus { .. } | Step::Plain(_), Some(operation)) => {
            return Err(Rejection::OwnedByOperation { status, operation });
        }
        _ => {}
    }
    Ok(open)
}

/// Returns the reason why no transition for the step is open to the principal now. A role that
/// could take the step from another status is told the status; a role that never can is told so.
fn closed_to(order: &Order, step: &Step, context: &Context<'_>) -> Rejection {
    let (workflow, role) = (order.placed.workflow, context.principal.role());
    let mut all = workflow.transitions.iter().filter(|it| step.can_take(it)).peekable();
    let (exists, mut now) = (all.peek().is_some(), workflow.transitions_from(order.status));
    let allowed = Allowed::to(context.principal, order);
    if exists && !all.any(|it| it.is_for(role, false)) {
        return Rejection::NotYours { role, allowed };
    }
    if now.any(|it| step.can_take(it) && it.is_for(role, false)) {
        return Rejection::ForItsDriver { status: order.status, allowed };
    }
    let to = if let Step::ChangeStatus { to } = step { Some(*to) } else { None };
    Rejection::NoSuchTransition { status: order.status, to, allowed }
}

pub(super) fn no_such_transition(order: &Order, context: &Context<'_>) -> Rejection {
    let allowed = Allowed::to(context.principal, order);
    Rejection::NoSuchTransition { status: order.status, to: None, allowed }
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

/// Rejects the driver whom the order already has. Another driver is replaced only by a caller who
/// knows of it: of several who assign at once, all but one would else believe that they did.
fn with_another_driver(order: &Order, driver: &DriverId, replace: bool) -> Result<(), Rejection> {
    let status = order.status;
    match order.driver.clone() {
        Some(current) if current == *driver => {
            Err(Rejection::AlreadyAssigned { status, driver: current })
        }
        Some(current) if !replace => Err(Rejection::HasAnotherDriver { status, driver: current }),
        _ => Ok(()),
    }
}

/// Checks that the driver can carry the order. Operations can assign it past the driver's duty and
/// capacity, which history then says. A driver without a roster is not checked, unless the merchant
/// requires one.
fn available(order: &Order, driver: &DriverId, context: &Context<'_>) -> Result<Found, Rejection> {
    let Some(roster) = roster_of(order, driver, "driver", context)? else {
        return Ok(Found { via: via(context), ..Found::default() });
    };
    let despite = roster.check_available().err();
    match despite {
        Some(why) if context.principal.role() != Role::Ops => {
            let (status, driver) = (order.status, driver.clone());
            Err(Rejection::DriverUnavailable { status, driver, why })
        }
        _ => Ok(Found { load: true, despite, via: via(context), ..Found::default() }),
    }
}

/// Returns the way in which a driver gets an order by the principal's command.
fn via(context: &Context<'_>) -> Via {
    match context.principal.role() {
        Role::System => Via::Dispatch,
        Role::Driver => Via::Offer,
        Role::Ops | Role::Support | Role::Merchant | Role::Customer => Via::Manual,
    }
}

/// True if the driver of a closed order still has the roster that counted it. Room does not matter:
/// the driver has the order already.
fn is_load_again(order: &Order, context: &Context<'_>) -> bool {
    let rosters = &context.known.rosters;
    let roster = order.driver.as_ref().and_then(|driver| rosters.get(driver));
    order.is_load && roster.is_some_and(|roster| roster.fleet.serves(&order.placed.merchant))
}

/// Checks that the driver can carry the order that it accepts. The driver may have been deleted since
/// the offer, or be another merchant's now.
fn acceptable(order: &Order, driver: &DriverId, context: &Context<'_>) -> Result<Found, Rejection> {
    available(order, driver, context).map_err(|rejection| match rejection {
        Rejection::UnknownDriver { .. } => Rejection::OfferOver { why: OfferEnd::NotRegistered },
        other => other,
    })
}

/// Returns the roster of a driver who can carry the merchant's orders, if the driver has one.
pub(super) fn roster_of<'k>(
    order: &Order,
    driver: &DriverId,
    field: &'static str,
    context: &Context<'k>,
) -> Result<Option<&'k Roster>, Rejection> {
    match (context.known.rosters.get(driver), context.known.drivers) {
        (Some(roster), _) if roster.fleet.serves(&order.placed.merchant) => Ok(Some(roster)),
        (None, Drivers::Any) => Ok(None),
        (Some(_), _) | (None, Drivers::Registered) => {
            Err(Rejection::UnknownDriver { field, driver: driver.clone() })
        }
    }
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
