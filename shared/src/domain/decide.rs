//! What a command does to an order.

mod aside;
mod due;
mod step;

pub use due::due;

use super::visibility::sees;
use super::{
    Action, Command, Context, Event, EventData, Order, Rejection, Remarks, Status, evolve,
};

/// What a command makes happen, and where the order stands then.
type Fact = (Status, EventData);

/// The events that `command` makes happen: none if there is nothing to do.
///
/// Refuses, in this order, what the principal does not see, what no edge
/// allows, what an edge allows to others, and what the order as it stands does not.
pub fn decide(
    order: &Order,
    command: Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if !sees(context.principal, order) {
        return Err(Rejection::Unseen);
    }
    let reassignment = match &command.action {
        Action::Reject { reassign_to: Some(store), .. } => {
            Some(Action::Reassign { store: store.clone() })
        }
        _ => None,
    };
    let mut events: Vec<_> = decide_one(order, command, context)?.into_iter().collect();
    if let Some(reassignment) = reassignment {
        let then = events.iter().fold(order.clone(), evolve);
        events.extend(decide_one(&then, reassignment.into(), context)?);
    }
    Ok(events)
}

/// The event that one command makes happen, if any.
fn decide_one(
    order: &Order,
    Command { action, remarks }: Command,
    context: &Context<'_>,
) -> Result<Option<Event>, Rejection> {
    let fact = match aside::rule(&action) {
        Some(rule) => aside::fact(order, action, &rule, context)?,
        None => Some(step::fact(order, action, context)?),
    };
    Ok(fact.map(|fact| next_event(order, fact, remarks, context)))
}

fn next_event(
    order: &Order,
    (status, data): Fact,
    remarks: Remarks,
    context: &Context<'_>,
) -> Event {
    let Remarks { note, message, metadata } = remarks;
    Event {
        version: order.version.next(),
        status,
        previous_status: Some(order.status),
        // An order's own time never runs backwards, whatever the clocks do.
        at: context.now.max(order.updated_at),
        actor: context.principal.actor(),
        note,
        message,
        metadata,
        data,
    }
}
