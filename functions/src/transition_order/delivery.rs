//! The bodies of what happens between a store and a customer.

use shared::domain::{Action, DriverId, HandoverCode, Message, Reason, Role};
use shared::http::Fields;

use crate::change::Target;

/// `{"driver"}`
pub(super) fn assign(fields: &mut Fields<'_>) -> Option<Action> {
    let driver = fields.required_text("driver", DriverId::parse)?;
    Some(Action::Assign { driver })
}

/// `{"reason"}`
pub(super) fn unassign(fields: &mut Fields<'_>) -> Option<Action> {
    let reason = fields.required_text("reason", Reason::parse)?;
    Some(Action::Unassign { reason })
}

/// `{"proof"?: {"code"?, "note"?}}`; an order with a code needs it, of all but ops.
pub(super) fn deliver(fields: &mut Fields<'_>, target: &Target<'_>) -> Action {
    let has_code = target.order.handover.is_some();
    let needs_code = has_code && target.principal.role() != Role::Ops;
    let proof = fields.part("proof", |fields| {
        match fields.has("code") {
            true if !has_code => fields.wrong("code", "must be absent: the order has none"),
            false if needs_code => fields.wrong("code", "is required: the customer has it"),
            _ => {}
        }
        let code = fields.text("code", HandoverCode::parse);
        Some((code, fields.text("note", Message::parse)))
    });
    let (code, note) = proof.unwrap_or_default();
    Action::Deliver { code, note }
}

/// `{"reason"}`
pub(super) fn delivery_failed(fields: &mut Fields<'_>) -> Option<Action> {
    let reason = fields.required_text("reason", Reason::parse)?;
    Some(Action::DeliveryFailed { reason })
}
