//! What a call is answered with.

use bytes::Bytes;
use dynoxide::DynoxideError;
use serde_json::{Value, json};

/// An HTTP status and a JSON body, as DynamoDB answers.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200, or 400 and above with an error in the body.
    pub status: u16,
    /// One JSON object.
    pub body: Bytes,
}

impl Reply {
    /// An error as DynamoDB writes it: its type, of which SDKs read what stands
    /// behind the `#`, and a message.
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

    /// The database failed, or what stands before it: SDKs try again.
    pub fn internal_server_error(message: &str) -> Self {
        Self::error(500, "InternalServerError", message)
    }

    /// The body, or what DynamoDB says against the `operation`.
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

/// An operation that DynamoDB refused or could not do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("DynamoDB's {operation}: {kind}: {message}")]
pub struct CallError {
    /// What was asked, such as `CreateTable`.
    pub operation: String,
    /// The error's name without its namespace, such as `ValidationException`.
    pub kind: String,
    /// What DynamoDB says.
    pub message: String,
}

impl From<DynoxideError> for Reply {
    fn from(error: DynoxideError) -> Self {
        Self { status: error.status_code(), body: error.to_json().into() }
    }
}
