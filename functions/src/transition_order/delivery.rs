//! The operations between a store and a customer: drivers, pickup, delivery and return.

use domain::{DriverId, HandoverCode, Message, Operation, Reason, Role, Step};
use http_api::{Fields, ProblemKind};
use serde_json::json;

use super::operation::{OperationRoute, plain};
use crate::change::Target;

pub(super) const OPERATIONS: [OperationRoute; 9] = [
    OperationRoute {
        operation: Operation::Assign,
        id: "assignDriver",
        tag: "Steps",
        summary: "Assign a driver",
        read: |fields, target| {
            let driver = fields.required_text("driver", DriverId::parse);
            let replace = fields.flag("replace") || target.names_version;
            Some(Step::Assign { driver: driver?, replace }.into())
        },
        examples: || vec![json!({ "driver": "driver-7" })],
        refusals: &[ProblemKind::AlreadyAssigned, ProblemKind::DriverUnavailable],
    },
    OperationRoute {
        operation: Operation::Unassign,
        id: "unassignDriver",
        tag: "Steps",
        summary: "Unassign the driver",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse)?;
            Some(Step::Unassign { reason }.into())
        },
        examples: || vec![json!({ "reason": "Flat tyre." })],
        refusals: &[],
    },
    plain!(Pickup, "pickUpOrder", "Pick up the order"),
    plain!(Depart, "departWithOrder", "Report that the order is on its way"),
    OperationRoute {
        operation: Operation::Deliver,
        id: "deliverOrder",
        tag: "Steps",
        summary: "Deliver the order",
        read: |fields, target| Some(deliver(fields, target).into()),
        examples: || vec![json!({ "proof": { "code": "4711", "note": "At the door." } })],
        refusals: &[ProblemKind::WrongHandoverCode, ProblemKind::HandoverLocked],
    },
    OperationRoute {
        operation: Operation::DeliveryFailed,
        id: "failDelivery",
        tag: "Steps",
        summary: "Report a failed delivery",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse)?;
            Some(Step::DeliveryFailed { reason }.into())
        },
        examples: || vec![json!({ "reason": "Nobody is in." })],
        refusals: &[],
    },
    plain!(Retry, "retryDelivery", "Retry a failed delivery"),
    plain!(Return, "returnOrder", "Start a return"),
    plain!(Returned, "completeReturn", "Complete a return"),
];

/// Reads `{"proof"?: {"code"?, "note"?}}`. If the order has a code, it is required of all roles
/// but ops.
fn deliver(fields: &mut Fields<'_>, target: &Target<'_>) -> Step {
    let has_code = target.order.handover.is_some();
    let needs_code = has_code && target.principal.role() != Role::Ops;
    let proof = fields.object_or_empty("proof", |fields| {
        match fields.has("code") {
            true if !has_code => {
                fields.wrong("code", "must be omitted: the order has no handover code");
            }
            false if needs_code => fields.wrong("code", "is required: ask the customer for it"),
            _ => {}
        }
        let code = fields.text("code", HandoverCode::parse);
        Some((code, fields.text("note", Message::parse)))
    });
    let (code, note) = proof.unwrap_or_default();
    Step::Deliver { code, note }
}
