//! Decides on a command to an order.

mod dispatch;
mod due;
mod facts;
mod in_place;
mod items;
mod offers;
mod step;
mod substitutions;

pub use dispatch::{Searched, needs_of_round, round};
pub use due::{due, needs_when_due};
pub use facts::{MAX_ESTIMATES, News, Sighting, Silence, facts, tell};

use crate::{
    Action, Command, Context, Decision, DetailsChange, Event, InPlace, Known, Order, Rejection,
    Remarks, Step, evolve, may_ask,
};

/// Returns the decision on `command`: no events if there is nothing to do.
///
/// Checks, in this order, that the principal sees the order, that the principal's role may take
/// the step from some status, that it may take it from this one, and that the order's data allows
/// it.
pub fn decide(
    order: &Order,
    command: Command,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    decide_all(order, [command], context)
}

/// Returns the decision on several commands in one commit. Each command is decided on the order
/// as the earlier ones left it.
fn decide_all(
    order: &Order,
    commands: impl IntoIterator<Item = Command>,
    context: &Context<'_>,
) -> Result<Decision, Rejection> {
    let (mut after, mut events, mut details) = (order.clone(), Vec::new(), Vec::new());
    for command in commands {
        if !may_ask(context.principal, &after, &command) {
            return Err(Rejection::Unseen);
        }
        let (correction, then) = (correction(&command, context.known), reassignment(&command));
        for command in std::iter::once(command).chain(then) {
            let Some(event) = event(&after, command, context)? else { continue };
            after = evolve(after, &event);
            events.push(event);
            details.extend(correction.clone());
        }
    }
    Ok(Decision::new(Some(order), &after, events, details))
}

/// Returns the change of personal data that a command makes. Events do not contain it.
fn correction(command: &Command, known: &Known) -> Option<DetailsChange> {
    match &command.action {
        Action::InPlace(InPlace::CorrectDetails(correction)) => {
            Some(DetailsChange::Correct(correction.of(&known.items)))
        }
        Action::InPlace(
            InPlace::OpenIssue { .. }
            | InPlace::ResolveIssue { .. }
            | InPlace::EraseDetails
            | InPlace::RaiseAlert(_)
            | InPlace::Offer(_)
            | InPlace::Decline { .. }
            | InPlace::ExpireOffer
            | InPlace::FindNobody(_)
            | InPlace::Tell(_),
        )
        | Action::Step(_) => None,
    }
}

/// Returns the second step of a rejection that names another store.
fn reassignment(command: &Command) -> Option<Command> {
    if let Action::Step(Step::Reject { reassign_to: Some(store), .. }) = &command.action {
        return Some(Step::Reassign { store: store.clone() }.into());
    }
    None
}

/// Returns the event that a command causes, or `None` if nothing changes.
fn event(
    order: &Order,
    Command { action, remarks }: Command,
    context: &Context<'_>,
) -> Result<Option<Event>, Rejection> {
    let happens = match action {
        Action::Step(step) if step::is_repeated(order, &step, context) => None,
        Action::Step(step) => Some(step::taken(order, step, context)?),
        Action::InPlace(action) => {
            in_place::done(order, action, context)?.map(|data| (order.status, data))
        }
    };
    let Remarks { note, message, metadata } = remarks;
    Ok(happens.map(|(status, data)| Event {
        version: order.version.next(),
        status,
        previous_status: Some(order.status),
        // The times of an order's events never decrease, even if a host's clock does.
        at: context.now.max(order.updated_at),
        actor: context.principal.actor(),
        note,
        message,
        metadata,
        data,
    }))
}
