//! What moves an order along its workflow.

use super::Fact;
use crate::domain::rejection::Allowed;
use crate::domain::{
    Action, Answer, Basket, CodeCheck, Context, Edge, EventData, HandoverCode, MAX_SUBSTITUTIONS,
    Message, Order, Proposal, Rejection, Role, SubstitutionId,
};

/// What becomes of a step that some edge allows to the principal.
pub(super) fn fact(
    order: &Order,
    action: Action,
    context: &Context<'_>,
) -> Result<Fact, Rejection> {
    let edges = edges(order, &action, context)?;
    let role = context.principal.role();
    if !edges.iter().any(|edge| edge.by.contains(&role)) {
        return Err(Rejection::NotYours { role, allowed: Allowed::to(context.principal, order) });
    }
    let to = edges[0].to;
    match action {
        // Told of the order as it stands, and not as it would once it is rejected.
        Action::Reject { reassign_to: Some(store), .. } | Action::Reassign { store }
            if order.store.as_ref() == Some(&store) =>
        {
            Err(Rejection::SameStore { status: order.status, store })
        }
        Action::Reject { reason, .. } => {
            Ok((to, EventData::StoreRejected { store: order.store.clone(), reason }))
        }
        Action::Reassign { store } => Ok((to, EventData::StoreReassigned { store })),
        Action::ProposeSubstitutions(proposals) => {
            Ok((to, propose(order, basket(order, context)?, proposals)?))
        }
        Action::AnswerSubstitution { id, answer } => {
            answer_substitution(order, &edges, (id, answer), context)
        }
        Action::Assign { driver } if order.driver.as_ref() == Some(&driver) => {
            Err(Rejection::AlreadyAssigned { status: order.status, driver })
        }
        Action::Assign { driver } => Ok((to, EventData::DriverAssigned { driver })),
        Action::Unassign { reason } => {
            let driver = order.driver.clone().ok_or_else(|| no_such_edge(order, context))?;
            Ok((to, EventData::DriverUnassigned { driver, reason }))
        }
        Action::Deliver { code, note } => {
            let delivered = deliver(order, code.as_ref(), note, context)?;
            Ok(delivered.map_or((order.status, EventData::HandoverRefused), |data| (to, data)))
        }
        Action::DeliveryFailed { reason } => Ok((to, EventData::DeliveryFailed { reason })),
        Action::ChangeStatus { .. }
        | Action::Acknowledge
        | Action::StartPicking
        | Action::Ready
        | Action::Pickup
        | Action::Retry
        | Action::Return
        | Action::Returned
        // These are no steps.
        | Action::OpenIssue { .. }
        | Action::ResolveIssue { .. }
        | Action::CorrectDetails { .. }
        | Action::EraseDetails
        | Action::RaiseAlert(_) => Ok((to, EventData::StatusChanged)),
    }
}

/// The edges that the action can take from where the order stands: one at least.
fn edges(
    order: &Order,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<&'static Edge>, Rejection> {
    let edges: Vec<_> = match action {
        Action::ChangeStatus { to } => order.workflow.edge(order.status, *to).into_iter().collect(),
        _ => action
            .operation()
            .map(|operation| order.workflow.edges_of(operation, order.status).collect())
            .unwrap_or_default(),
    };
    match (edges.first().map(|edge| edge.owner()), action) {
        (None, _) => Err(no_such_edge(order, context)),
        (Some(Some(operation)), Action::ChangeStatus { .. }) => {
            Err(Rejection::OwnedByOperation { status: order.status, operation })
        }
        _ => Ok(edges),
    }
}

fn no_such_edge(order: &Order, context: &Context<'_>) -> Rejection {
    Rejection::NoSuchEdge { status: order.status, allowed: Allowed::to(context.principal, order) }
}

/// What is in the order; an order that holds nothing has no step about it.
fn basket<'o>(order: &'o Order, context: &Context<'_>) -> Result<&'o Basket, Rejection> {
    order.basket.as_ref().ok_or_else(|| no_such_edge(order, context))
}

fn propose(
    order: &Order,
    basket: &Basket,
    proposals: Vec<Proposal>,
) -> Result<EventData, Rejection> {
    let before = basket.substitutions.len();
    // Nobody could answer it.
    if proposals.is_empty() {
        return Err(Rejection::UnfitSubstitution { line: 0 });
    }
    if before + proposals.len() > MAX_SUBSTITUTIONS {
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
    Ok(EventData::SubstitutionsProposed { first: SubstitutionId::after(before), proposals })
}

/// The answer leads where the substitutions stand once it is given.
fn answer_substitution(
    order: &Order,
    edges: &[&'static Edge],
    (id, answer): (SubstitutionId, Answer),
    context: &Context<'_>,
) -> Result<Fact, Rejection> {
    let basket = basket(order, context)?;
    match basket.substitution(id).map(|substitution| substitution.answer) {
        None => return Err(Rejection::NoSuchSubstitution),
        Some(Some(answer)) => {
            return Err(Rejection::Answered { status: order.status, answer });
        }
        Some(None) => {}
    }
    let then = basket.clone().answered(id, answer).answers();
    let edge = edges.iter().find(|edge| edge.when.is_none_or(|when| when == then));
    let edge = edge.ok_or_else(|| no_such_edge(order, context))?;
    Ok((edge.to, EventData::SubstitutionAnswered { id, answer }))
}

/// None where a wrong code was named.
fn deliver(
    order: &Order,
    named: Option<&HandoverCode>,
    note: Option<Message>,
    context: &Context<'_>,
) -> Result<Option<EventData>, Rejection> {
    let Some(handover) = order.handover else {
        return match named {
            Some(_) => Err(Rejection::NoHandoverCode),
            None => Ok(Some(EventData::Delivered { code: None, note })),
        };
    };
    let is_ops = context.principal.role() == Role::Ops;
    let delivered = |check| EventData::Delivered { code: Some(check), note };
    match named {
        None if is_ops => Ok(Some(delivered(CodeCheck::Waived))),
        Some(_) if named == context.handover_code && (is_ops || handover.tries_left() > 0) => {
            Ok(Some(delivered(CodeCheck::Verified)))
        }
        _ if handover.tries_left() == 0 => Err(Rejection::HandoverLocked { status: order.status }),
        None => Err(Rejection::HandoverCodeMissing),
        Some(_) => Ok(None),
    }
}
