//! Extension members of problems (RFC 9457, section 3.2).

use domain::{Answer, DriverId, Operation, Status, StoreId, Version};
use schemars::JsonSchema;
use serde::Serialize;

use super::FieldError;

/// What a problem says beside what RFC 9457 has every problem say.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ExtensionMembers {
    /// The fields that are wrong, and the query's parameters, as `?name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<Vec<FieldError>>,
    /// Where the order stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_status: Option<Status>,
    /// Where you may take the order with a change of status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed: Option<Vec<Status>>,
    /// What you may do with the order, as it stands behind `/orders/{id}/`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<Operation>>,
    /// The operation that the step belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<Operation>,
    /// Who has the order already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub driver: Option<DriverId>,
    /// Which store has the order already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// The line that has a substitution, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// The issues that are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issues: Option<Vec<Version>>,
    /// How often a code may be named yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_left: Option<u32>,
    /// The version that the order is at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
}
