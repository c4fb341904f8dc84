//! Whose connection it is: what the authorizer says once, and API Gateway hands
//! to every function after it.

use std::collections::HashMap;

use clock::Timestamp;
use domain::Principal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Whose connection it is, and until when. As the authorizer's context it is
/// flat, since API Gateway passes on texts, numbers and booleans alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    #[serde(flatten)]
    pub(crate) principal: Principal,
    pub(crate) expires_at: Timestamp,
}

impl Identity {
    /// Reads the authorizer's context, among API Gateway's own fields.
    pub(crate) fn from_context(fields: &HashMap<String, Value>) -> serde_json::Result<Self> {
        serde_json::from_value(Value::Object(fields.clone().into_iter().collect()))
    }
}
