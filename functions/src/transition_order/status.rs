//! The body of `PATCH /orders/{id}/status`.

use shared::domain::{Action, Invalid, Status, Workflow};
use shared::http::Fields;

/// `{"status"}`
pub(super) fn change(fields: &mut Fields<'_>, workflow: &Workflow) -> Option<Action> {
    let to = fields.required_text("status", |name| status_of(workflow, name))?;
    Some(Action::ChangeStatus { to })
}

fn status_of(workflow: &Workflow, name: &str) -> Result<Status, Invalid> {
    workflow.status(name).ok_or_else(|| {
        let names: Vec<_> = workflow.statuses.iter().map(|status| status.name()).collect();
        let known = names.join(", ");
        Invalid(format!("must be a status of the workflow {}: {known}", workflow.name).into())
    })
}
