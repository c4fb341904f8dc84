//! What the documents say of the operations.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use shared::domain::Workflow;
use shared::http::Kind;

use super::STATUS;
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

/// What stands behind `POST /orders/{id}/`.
pub(super) fn operation<'a>(it: Endpoint<'a>, path: &str, read: ReadCommand) -> Endpoint<'a> {
    let (id, summary) = summary(path);
    let tag = match path.split('/').next() {
        Some("issues") => "Issues",
        Some("substitutions") => "Substitutions",
        _ => "Steps",
    };
    it.is(id, tag, summary)
        .about(&whose(path))
        .changes(read, &examples(path))
        .refuses(refusals(path))
}

/// Who may call it, as the workflows' tables say.
fn whose(path: &str) -> String {
    let steps = |workflow: &'static &Workflow| {
        let edges = workflow.edges.iter();
        let edges = edges.filter(|it| it.operation.is_some_and(|it| it.path() == path));
        let roles: BTreeSet<_> = edges.flat_map(|it| it.by).map(|role| role.as_str()).collect();
        let roles = roles.into_iter().collect::<Vec<_>>().join(", ");
        (!roles.is_empty()).then(|| format!("`{}`: {roles}", workflow.name))
    };
    let steps: Vec<_> = Workflow::ALL.iter().filter_map(steps).collect();
    match &steps[..] {
        [] => String::from("For everybody who sees the order, open or closed."),
        steps => format!("Whose step it is, by workflow: {}.", steps.join("; ")),
    }
}

fn summary(path: &str) -> (&'static str, &'static str) {
    match path {
        "acknowledge" => ("acknowledgeOrder", "Take an order on, as its store"),
        "reject" => ("rejectOrder", "Not take an order on, as its store"),
        "reassign" => ("reassignOrder", "Ask another store of the merchant"),
        "start-picking" => ("startPicking", "Begin to pick an order"),
        "ready" => ("markReady", "Have an order ready to be fetched"),
        "substitutions" => ("proposeSubstitutions", "Ask the customer to take other products"),
        "substitutions/{substitution}/approve" => ("approveSubstitution", "Take the other product"),
        "substitutions/{substitution}/reject" => {
            ("rejectSubstitution", "Not take it: its line is off the order")
        }
        "assign" => ("assignDriver", "Give an order to a driver"),
        "unassign" => ("unassignDriver", "Take an order from its driver"),
        "pickup" => ("pickUpOrder", "Leave with an order"),
        "deliver" => ("deliverOrder", "Hand an order over, with its code if it has one"),
        "delivery-failed" => ("failDelivery", "Tell that an order could not be handed over"),
        "retry" => ("retryDelivery", "Bring an order again"),
        "return" => ("returnOrder", "Send an order back"),
        "returned" => ("completeReturn", "Have an order back"),
        "issues" => ("openIssue", "Tell that something is wrong with an order"),
        "issues/{issue}/resolve" => ("resolveIssue", "Have dealt with an issue"),
        _ => ("", ""),
    }
}

fn examples(path: &str) -> Vec<Value> {
    let proposal = json!({
        "line": 2,
        "substitute": { "sku": "milk-oat-1l", "name": "Oat milk, 1 l" },
        "reason": "Whole milk is sold out.",
        "price_difference": 60,
    });
    match path {
        "reject" => vec![json!({ "reason": "We close early.", "reassign_to": "mill-lane" })],
        "reassign" => vec![json!({ "store": "mill-lane" })],
        "substitutions" => vec![proposal.clone(), json!({ "substitutions": [proposal] })],
        "assign" => vec![json!({ "driver": "driver-7" })],
        "unassign" => vec![json!({ "reason": "Flat tyre." })],
        "deliver" => vec![json!({ "proof": { "code": "4711", "note": "At the door." } })],
        "delivery-failed" => vec![json!({ "reason": "Nobody is in." })],
        "issues" => vec![json!({
            "type": "damaged",
            "severity": "medium",
            "description": "One box of tea is torn.",
        })],
        "issues/{issue}/resolve" => vec![json!({ "resolution": "A new box is on its way." })],
        _ => vec![json!({ "message": "On our way." })],
    }
}

fn refusals(path: &str) -> &'static [Kind] {
    match path {
        "reject" | "reassign" | "assign" => &[Kind::TransitionNotAllowed, Kind::AlreadyAssigned],
        "substitutions" => &[Kind::TransitionNotAllowed, Kind::LineTaken, Kind::TooMany],
        "substitutions/{substitution}/approve" | "substitutions/{substitution}/reject" => {
            &[Kind::TransitionNotAllowed, Kind::Answered]
        }
        "deliver" => &[Kind::TransitionNotAllowed, Kind::WrongHandoverCode, Kind::HandoverLocked],
        "issues" => &[Kind::TooMany],
        "issues/{issue}/resolve" => &[Kind::IssueNotOpen],
        _ => &[Kind::TransitionNotAllowed],
    }
}
