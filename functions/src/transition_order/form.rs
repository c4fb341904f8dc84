//! The bodies of the changes.

use shared::domain::{
    Command, DriverId, Invalid, Message, Note, Order, Reason, Remarks, Status, Workflow,
};
use shared::http::Fields;

/// `{"status", "note"?, "message"?, "metadata"?}`
pub(super) fn status(fields: &mut Fields<'_>, order: &Order) -> Option<Command> {
    let to = fields.required_text("status", |name| status_of(order.workflow, name));
    let remarks = Remarks {
        note: fields.text("note", Note::parse),
        message: fields.text("message", Message::parse),
        metadata: fields.metadata("metadata"),
    };
    Some(Command::ChangeStatus { to: to?, remarks })
}

fn status_of(workflow: &Workflow, name: &str) -> Result<Status, Invalid> {
    workflow.status(name).ok_or_else(|| {
        let names: Vec<_> = workflow.statuses.iter().map(|status| status.name()).collect();
        let known = names.join(", ");
        Invalid(format!("must be a status of the workflow {}: {known}", workflow.name).into())
    })
}

/// `{"driver"}`
pub(super) fn assign(fields: &mut Fields<'_>, _: &Order) -> Option<Command> {
    let driver = fields.required_text("driver", DriverId::parse)?;
    Some(Command::Assign { driver })
}

/// `{"reason"}`
pub(super) fn unassign(fields: &mut Fields<'_>, _: &Order) -> Option<Command> {
    let reason = fields.required_text("reason", Reason::parse)?;
    Some(Command::Unassign { reason })
}
