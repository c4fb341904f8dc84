//! Extension members of problems (RFC 9457, section 3.2).

use domain::{Answer, DriverId, Operation, OrderId, Status, StoreId, Version};
use schemars::JsonSchema;
use serde::Serialize;

use super::FieldError;

/// The members of a problem beyond those of RFC 9457.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ExtensionMembers {
    /// The invalid fields, and invalid query parameters as `?name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
    /// The order's current status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_status: Option<Status>,
    /// The statuses that you can change the order to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Status>>,
    /// The operations that you can call on the order: the last part of `/orders/{id}/…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<Operation>>,
    /// The operation to use for the transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// The driver to whom the order is already assigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    /// The store that already has the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// The line that already has a substitution, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The answer that the substitution already has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The ids of the open issues.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issues: Option<Vec<Version>>,
    /// The number of attempts left to give the handover code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// The order that has the `external_id`; absent if you do not see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The order's current version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}
