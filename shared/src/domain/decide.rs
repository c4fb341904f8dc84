//! What a command does to an order.

use super::rejection::Allowed;
use super::visibility::sees;
use super::workflow::Edge;
use super::{Command, Context, Event, EventData, Order, Rejection, Remarks};

/// The events that `command` makes happen: none if there is nothing to do.
///
/// Refuses, in this order, what the principal does not see, what no edge
/// allows, and what an edge allows to others.
pub fn decide(
    order: &Order,
    command: Command,
    context: &Context<'_>,
) -> Result<Vec<Event>, Rejection> {
    if !sees(context.principal, order) {
        return Err(Rejection::Unseen);
    }
    let edge = edge_for(order, &command, context)?;
    if !edge.by.contains(&context.principal.role()) {
        return Err(Rejection::NotYours {
            role: context.principal.role(),
            allowed: Allowed::to(context.principal, order),
        });
    }
    let (data, remarks) = match command {
        Command::ChangeStatus { remarks, .. } => (EventData::StatusChanged, remarks),
        Command::Assign { driver } => (EventData::DriverAssigned { driver }, Remarks::default()),
        Command::Unassign { reason } => match order.driver.clone() {
            Some(driver) => (EventData::DriverUnassigned { driver, reason }, Remarks::default()),
            None => return Err(no_such_edge(order, context)),
        },
    };
    Ok(vec![next_event(order, edge, data, remarks, context)])
}

fn edge_for(
    order: &Order,
    command: &Command,
    context: &Context<'_>,
) -> Result<&'static Edge, Rejection> {
    let edge = match command {
        Command::ChangeStatus { to, .. } => order.workflow.edge(order.status, *to),
        Command::Assign { .. } | Command::Unassign { .. } => command
            .operation()
            .and_then(|operation| order.workflow.edge_of(operation, order.status)),
    };
    let edge = edge.ok_or_else(|| no_such_edge(order, context))?;
    match (edge.operation, command) {
        (Some(operation), command) if command.operation() != Some(operation) => {
            Err(Rejection::OwnedByOperation { status: order.status, operation })
        }
        (_, Command::Assign { driver }) if order.driver.as_ref() == Some(driver) => {
            let driver = driver.clone();
            Err(Rejection::AlreadyAssigned { status: order.status, driver })
        }
        _ => Ok(edge),
    }
}

fn no_such_edge(order: &Order, context: &Context<'_>) -> Rejection {
    Rejection::NoSuchEdge { status: order.status, allowed: Allowed::to(context.principal, order) }
}

fn next_event(
    order: &Order,
    edge: &Edge,
    data: EventData,
    remarks: Remarks,
    context: &Context<'_>,
) -> Event {
    let Remarks { note, message, metadata } = remarks;
    Event {
        version: order.version.next(),
        status: edge.to,
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
