//! The operations that end an order without its delivery or return, and that undo a wrong end.

use domain::{Operation, Reason, Step};
use http_api::ProblemKind;
use serde_json::json;

use super::operation::OperationRoute;

pub(super) const OPERATIONS: [OperationRoute; 3] = [
    OperationRoute {
        operation: Operation::Cancel,
        id: "cancelOrder",
        tag: "Steps",
        summary: "Cancel the order",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse)?;
            Some(Step::Cancel { reason }.into())
        },
        examples: || vec![json!({ "reason": "Ordered twice." })],
        refusals: &[],
    },
    OperationRoute {
        operation: Operation::Fail,
        id: "failOrder",
        tag: "Steps",
        summary: "Give up the order",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse)?;
            Some(Step::Fail { reason }.into())
        },
        examples: || vec![json!({ "reason": "Lost in the warehouse." })],
        refusals: &[],
    },
    OperationRoute {
        operation: Operation::Reopen,
        id: "reopenOrder",
        tag: "Steps",
        summary: "Reopen an order that was not delivered",
        read: |fields, _| {
            let reason = fields.required_text("reason", Reason::parse)?;
            Some(Step::Reopen { reason }.into())
        },
        examples: || vec![json!({ "reason": "Delivered to the wrong door." })],
        refusals: &[ProblemKind::OrderErased],
    },
];
