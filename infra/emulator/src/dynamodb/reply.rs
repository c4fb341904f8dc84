//! The reply to a call.

use bytes::Bytes;
use dynoxide::DynoxideError;
use serde_json::{Value, json};

/// An HTTP status and a JSON body, as in DynamoDB's responses.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200, or 400 and above with an error in the body.
    pub status: u16,
    /// One JSON object.
    pub body: Bytes,
}

impl Reply {
    /// Returns an error in DynamoDB's format: a message and a type, of which SDKs read the part
    /// after the `#`.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let namespace = match kind {
            "AccessDeniedException" | "SerializationException" | "UnknownOperationException" => {
                "com.amazon.coral.service"
            }
            "ValidationException" => "com.amazon.coral.validate",
            _ => "com.amazonaws.dynamodb.v20120810",
        };
        let body = json!({ "__type": format!("{namespace}#{kind}"), "message": message });
        Self { status, body: body.to_string().into() }
    }

    /// Returns the error for a failure of the database or of the emulator around it; SDKs retry
    /// the call.
    pub fn internal_server_error(message: &str) -> Self {
        Self::error(500, "InternalServerError", message)
    }

    /// Returns the body, or DynamoDB's error for `operation`.
    pub fn into_result(self, operation: &str) -> Result<Value, CallError> {
        let body = serde_json::from_slice::<Value>(&self.body).unwrap_or_default();
        if self.status == 200 {
            return Ok(body);
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        Err(CallError {
            operation: operation.to_owned(),
            kind: text("__type").rsplit('#').next().unwrap_or_default().to_owned(),
            message: format!("{}{}", text("message"), text("Message")),
        })
    }
}

/// An operation that DynamoDB rejected or failed to execute.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DynamoDB's {operation}: {kind}: {message}")]
pub struct CallError {
    pub operation: String,
    /// The error's name without its namespace, such as `ValidationException`.
    pub kind: String,
    pub message: String,
}

impl From<DynoxideError> for Reply {
    fn from(error: DynoxideError) -> Self {
        Self { status: error.status_code(), body: error.to_json().into() }
    }
}
