//! A function's call of DynamoDB.

use bytes::Bytes;
use serde_json::Value;

/// One call, before it is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The function that makes it, as template.yaml names it.
    pub function: String,
    /// What it asks for, as in `X-Amz-Target`: `DynamoDB_20120810.PutItem`.
    pub target: String,
    /// The request, JSON.
    pub body: Bytes,
}

impl Call {
    /// The operation's name: `PutItem`.
    pub fn operation(&self) -> &str {
        self.target.rsplit('.').next().unwrap_or_default()
    }

    /// The request; null if it is not JSON.
    pub fn request(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}
