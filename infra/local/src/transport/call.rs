//! A function's call of DynamoDB.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::dynamodb;

/// One call, before it is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The binary of the function that makes it.
    pub function: String,
    /// What it asks for, as in `X-Amz-Target`: `DynamoDB_20120810.PutItem`.
    pub target: String,
    /// The request; null if it is not JSON.
    pub request: Value,
}

impl Call {
    pub(super) fn new(function: String, target: String, body: &[u8]) -> Self {
        Self { function, target, request: serde_json::from_slice(body).unwrap_or_default() }
    }

    /// The operation's name: `PutItem`.
    pub fn operation(&self) -> &str {
        self.target.rsplit('.').next().unwrap_or_default()
    }

    /// Whether it reads items.
    pub(crate) fn reads(&self) -> bool {
        ["BatchGetItem", "GetItem", "Query", "Scan"].contains(&self.operation())
    }

    /// Whether it may write items.
    pub(crate) fn writes(&self) -> bool {
        dynamodb::writes(self.operation())
    }

    /// The request as it is sent. Of what reads or writes items, the answer
    /// shall say what that consumed.
    pub(super) fn body(&self) -> Bytes {
        let mut request = self.request.clone();
        if let Value::Object(fields) = &mut request
            && (self.reads() || self.writes())
        {
            fields.insert("ReturnConsumedCapacity".to_owned(), json!("INDEXES"));
        }
        request.to_string().into()
    }
}
