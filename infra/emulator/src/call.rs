//! A function's call of an AWS service.

use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::dynamodb;

/// What stands before the operations of `@connections`, whose requests have no
/// `X-Amz-Target`: the service, as its SDKs call it.
const CONNECTIONS: &str = "ApiGatewayManagementApi";

/// A service that the runner plays for functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB and its streams.
    DynamoDb,
    /// The queues.
    Sqs,
    /// The open connections of the WebSocket API.
    Connections,
}

/// One call, before it is made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The binary of the function that makes it.
    pub function: String,
    /// What it asks for, as in `X-Amz-Target`: `DynamoDB_20120810.PutItem`,
    /// `AmazonSQS.SendMessage`; and `ApiGatewayManagementApi.PostToConnection`.
    pub target: String,
    /// The request; null if it is not JSON. Of a connection it is
    /// `{"ConnectionId": ID, "Data": TEXT}`, the data empty where none is posted.
    pub request: Value,
}

impl Call {
    pub(crate) fn new(function: String, request: &Request<Bytes>) -> Self {
        let target = request.headers().get("x-amz-target").and_then(|name| name.to_str().ok());
        let (target, request) = match target {
            Some(target) => {
                (target.to_owned(), serde_json::from_slice(request.body()).unwrap_or_default())
            }
            None => (format!("{CONNECTIONS}.{}", managing(request.method())), managed(request)),
        };
        Self { function, target, request }
    }

    /// Whom it is for.
    pub fn service(&self) -> Service {
        match self.target.split('.').next() {
            Some("AmazonSQS") => Service::Sqs,
            Some(CONNECTIONS) => Service::Connections,
            _ => Service::DynamoDb,
        }
    }

    /// The operation's name: `PutItem`, `SendMessage`, `PostToConnection`.
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

    /// A request to DynamoDB as it is sent. Of what reads or writes items, the
    /// answer shall say what that consumed.
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

fn managing(method: &Method) -> &'static str {
    match *method {
        Method::POST => "PostToConnection",
        Method::DELETE => "DeleteConnection",
        _ => "GetConnection",
    }
}

fn managed(request: &Request<Bytes>) -> Value {
    let id = request.uri().path().rsplit('/').next().unwrap_or_default();
    json!({
        "ConnectionId": percent_decode_str(id).decode_utf8_lossy(),
        "Data": String::from_utf8_lossy(request.body()),
    })
}
