//! The operations of stores and of merchants who prepare their orders.

use domain::{Operation, Reason, Step, StoreId};
use http_api::ProblemKind;
use serde_json::json;

use super::operation::{OperationRoute, plain};

pub(super) const OPERATIONS: [OperationRoute; 6] = [
    plain!(Acknowledge, "acknowledgeOrder", "Acknowledge the order (store)"),
    OperationRoute {
        operation: Operation::Reject,
        id: "rejectOrder",
        tag: "Steps",
        summary: "Reject the order (store)",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse);
            let reassign_to = fields.text("reassign_to", StoreId::parse);
            Some(Step::Reject { reason: reason?, reassign_to }.into())
        },
        examples: || vec![json!({ "reason": "We close early.", "reassign_to": "mill-lane" })],
        refusals: &[ProblemKind::AlreadyAssigned],
    },
    OperationRoute {
        operation: Operation::Reassign,
        id: "reassignOrder",
        tag: "Steps",
        summary: "Reassign the order to another store",
        read: |fields, _| {
            let store = fields.required_text("store", StoreId::parse)?;
            Some(Step::Reassign { store }.into())
        },
        examples: || vec![json!({ "store": "mill-lane" })],
        refusals: &[ProblemKind::AlreadyAssigned],
    },
    plain!(StartPicking, "startPicking", "Start picking"),
    plain!(Ready, "markReady", "Mark the order ready for pickup"),
    plain!(Process, "processOrder", "Start processing the order"),
];
