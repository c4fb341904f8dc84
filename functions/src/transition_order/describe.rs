//! What the documents say of the operations.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::{Operation, Workflow};
use shared::http::Kind;

use super::{OPEN_ISSUE, RESOLVE_ISSUE, STATUS};
use crate::change::ReadCommand;
use crate::contract::Endpoint;

/// `PATCH /orders/{id}/status`
pub(super) fn status(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("changeStatus", "Steps", "Move an order along its workflow")
        .about(
            "`note` is for operations, support and the merchant, `message` for everybody on the \
             order; neither is for personal data. `metadata` is the event's.",
        )
        .changes(STATUS, &[json!({ "status": "cancelled", "note": "The customer called." })])
        .refuses(&[Kind::TransitionNotAllowed, Kind::OwnedByOperation])
}

/// `POST /orders/{id}/…` of an operation.
pub(super) fn operation(it: Endpoint<'_>, operation: Operation, read: ReadCommand) -> Endpoint<'_> {
    let (id, summary) = name(operation);
    it.is(id, tag(operation), summary)
        .about(&whose(operation))
        .changes(read, &examples(operation))
        .refuses(&[Kind::TransitionNotAllowed])
        .refuses(refusals(operation))
}

/// `POST /orders/{id}/issues`
pub(super) fn open_issue(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = json!({
        "type": "damaged",
        "severity": "medium",
        "description": "One box of tea is torn.",
    });
    it.is("openIssue", "Issues", "Tell that something is wrong with an order")
        .about("For everybody who sees the order, open or closed.")
        .changes(OPEN_ISSUE, &[example])
        .refuses(&[Kind::TooMany])
}

/// `POST /orders/{id}/issues/{issue}/resolve`
pub(super) fn resolve_issue(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("resolveIssue", "Issues", "Have dealt with an issue")
        .about("For everybody who sees the order, open or closed.")
        .changes(RESOLVE_ISSUE, &[json!({ "resolution": "A new box is on its way." })])
        .refuses(&[Kind::IssueNotOpen])
}

/// Who may call it, as the workflows' tables say.
fn whose(operation: Operation) -> String {
    let steps = |workflow: &'static &Workflow| {
        let edges = workflow.edges.iter().filter(|edge| edge.operation == Some(operation));
        let roles: BTreeSet<_> = edges.flat_map(|edge| edge.by).map(|role| role.as_str()).collect();
        let roles = roles.into_iter().collect::<Vec<_>>().join(", ");
        (!roles.is_empty()).then(|| format!("`{}`: {roles}", workflow.name))
    };
    let steps: Vec<_> = Workflow::ALL.iter().filter_map(steps).collect();
    format!("Whose step it is, by workflow: {}.", steps.join("; "))
}

const fn name(operation: Operation) -> (&'static str, &'static str) {
    match operation {
        Operation::Acknowledge => ("acknowledgeOrder", "Take an order on, as its store"),
        Operation::Reject => ("rejectOrder", "Not take an order on, as its store"),
        Operation::Reassign => ("reassignOrder", "Ask another store of the merchant"),
        Operation::StartPicking => ("startPicking", "Begin to pick an order"),
        Operation::Ready => ("markReady", "Have an order ready to be fetched"),
        Operation::ProposeSubstitutions => {
            ("proposeSubstitutions", "Ask the customer to take other products")
        }
        Operation::ApproveSubstitution => ("approveSubstitution", "Take the other product"),
        Operation::RejectSubstitution => {
            ("rejectSubstitution", "Not take it: its line is off the order")
        }
        Operation::Assign => ("assignDriver", "Give an order to a driver"),
        Operation::Unassign => ("unassignDriver", "Take an order from its driver"),
        Operation::Pickup => ("pickUpOrder", "Leave with an order"),
        Operation::Deliver => ("deliverOrder", "Hand an order over, with its code if it has one"),
        Operation::DeliveryFailed => {
            ("failDelivery", "Tell that an order could not be handed over")
        }
        Operation::Retry => ("retryDelivery", "Bring an order again"),
        Operation::Return => ("returnOrder", "Send an order back"),
        Operation::Returned => ("completeReturn", "Have an order back"),
    }
}

const fn tag(operation: Operation) -> &'static str {
    match operation {
        Operation::ProposeSubstitutions
        | Operation::ApproveSubstitution
        | Operation::RejectSubstitution => "Substitutions",
        _ => "Steps",
    }
}

fn examples(operation: Operation) -> Vec<Value> {
    let proposal = json!({
        "line": 2,
        "substitute": { "sku": "milk-oat-1l", "name": "Oat milk, 1 l" },
        "reason": "Whole milk is sold out.",
        "price_difference": 60,
    });
    match operation {
        Operation::Reject => {
            vec![json!({ "reason": "We close early.", "reassign_to": "mill-lane" })]
        }
        Operation::Reassign => vec![json!({ "store": "mill-lane" })],
        Operation::ProposeSubstitutions => {
            vec![proposal.clone(), json!({ "substitutions": [proposal] })]
        }
        Operation::Assign => vec![json!({ "driver": "driver-7" })],
        Operation::Unassign => vec![json!({ "reason": "Flat tyre." })],
        Operation::Deliver => vec![json!({ "proof": { "code": "4711", "note": "At the door." } })],
        Operation::DeliveryFailed => vec![json!({ "reason": "Nobody is in." })],
        Operation::Acknowledge
        | Operation::StartPicking
        | Operation::Ready
        | Operation::ApproveSubstitution
        | Operation::RejectSubstitution
        | Operation::Pickup
        | Operation::Retry
        | Operation::Return
        | Operation::Returned => vec![json!({ "note": "By telephone." })],
    }
}

/// What it can be refused with beside what every step can.
const fn refusals(operation: Operation) -> &'static [Kind] {
    match operation {
        Operation::Reject | Operation::Reassign | Operation::Assign => &[Kind::AlreadyAssigned],
        Operation::ProposeSubstitutions => &[Kind::LineTaken, Kind::TooMany],
        Operation::ApproveSubstitution | Operation::RejectSubstitution => &[Kind::Answered],
        Operation::Deliver => &[Kind::WrongHandoverCode, Kind::HandoverLocked],
        _ => &[],
    }
}
