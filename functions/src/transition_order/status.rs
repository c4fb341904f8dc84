//! `PATCH /orders/{id}/status`.

use domain::{Invalid, Status, Step, Workflow};
use http_api::ProblemKind;
use serde_json::json;

use crate::change::ReadAction;
use crate::describe::Endpoint;

/// `{"status"}`
pub(super) const READ: ReadAction = |fields, target| {
    let workflow = target.order.placed.workflow;
    let to = fields.required_text("status", |name| status_of(workflow, name))?;
    Some(Step::ChangeStatus { to }.into())
};

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("changeStatus", "Steps", "Change an order's status")
        .about(
            "`note` is visible to operations, support and the merchant; `message` to everyone who \
             can see the order. Do not put personal data in either. `metadata` is stored with the \
             event.",
        )
        .changes(READ, &[json!({ "status": "cancelled", "note": "The customer called." })])
        .refuses(&[ProblemKind::TransitionNotAllowed, ProblemKind::OwnedByOperation])
}

fn status_of(workflow: &Workflow, name: &str) -> Result<Status, Invalid> {
    workflow.status(name).ok_or_else(|| {
        let names: Vec<_> = workflow.statuses.iter().map(|status| status.name()).collect();
        let known = names.join(", ");
        Invalid(format!("must be a status of the workflow {}: {known}", workflow.name).into())
    })
}
