//! The identity of a connection: the authorizer states it once, and API Gateway passes it to
//! every later function.

use std::collections::HashMap;

use clock::Timestamp;
use domain::Principal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The principal of a connection and the expiry of its token. As the authorizer's context it is
/// flat, because API Gateway passes on only strings, numbers and booleans.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Identity {
    #[serde(flatten)]
    pub(crate) principal: Principal,
    pub(crate) expires_at: Timestamp,
}

impl Identity {
    /// Reads the identity from the authorizer's context, which also has fields of API Gateway.
    pub(crate) fn from_context(fields: &HashMap<String, Value>) -> serde_json::Result<Self> {
        serde_json::from_value(Value::Object(fields.clone().into_iter().collect()))
    }
}
