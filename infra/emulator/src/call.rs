//! A function's call of an AWS service, or its request to the world.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use bytes::Bytes;
use http::{Method, Request};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::dynamodb;

/// The service name in the target of an `@connections` operation, as AWS SDKs spell it. Requests
/// to `@connections` have no `X-Amz-Target`.
const CONNECTIONS: &str = "ApiGatewayManagementApi";

/// The service name in the target of a request to the world.
const EGRESS: &str = "Http";

/// An AWS service that the runner emulates for functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// DynamoDB and DynamoDB Streams.
    DynamoDb,
    Sqs,
    /// `@connections`: the open connections of the WebSocket API.
    Connections,
    /// None of AWS: the world, to which a function makes HTTP requests.
    Egress,
}

/// A call that is about to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// The binary of the calling function.
    pub function: String,
    /// The operation, as in `X-Amz-Target`: `DynamoDB_20120810.PutItem`, `AmazonSQS.SendMessage`,
    /// or `ApiGatewayManagementApi.PostToConnection`. `Http.POST`, with the method, for a request
    /// to the world.
    pub target: String,
    /// The request body; null if it is not JSON. `{"ConnectionId": ID, "Data": TEXT}` for
    /// `@connections`, with empty data if nothing is posted. `{"Url": TEXT, "Headers": {NAME: TEXT},
    /// "Body": TEXT}` for a request to the world; names of headers are in lower case, and the body
    /// is null if it streams.
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

    /// Returns the call that a request to the world is to faults and to the meter.
    pub(crate) fn outbound(function: String, request: &HttpRequest) -> Self {
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), json!(value)));
        Self {
            function,
            target: format!("{EGRESS}.{}", request.method()),
            request: json!({
                "Url": request.uri(),
                "Headers": headers.collect::<Map<_, _>>(),
                "Body": request.body().bytes().map(String::from_utf8_lossy),
            }),
        }
    }

    /// Returns the called service.
    pub fn service(&self) -> Service {
        match self.target.split('.').next() {
            Some("AmazonSQS") => Service::Sqs,
            Some(CONNECTIONS) => Service::Connections,
            Some(EGRESS) => Service::Egress,
            _ => Service::DynamoDb,
        }
    }

    /// Returns the operation's name: `PutItem`, `SendMessage`, `PostToConnection`; the method of a
    /// request to the world.
    pub fn operation(&self) -> &str {
        self.target.rsplit('.').next().unwrap_or_default()
    }

    /// Returns true if the operation reads items.
    pub(crate) fn reads(&self) -> bool {
        ["BatchGetItem", "GetItem", "Query", "Scan"].contains(&self.operation())
    }

    /// Returns true if the operation can write items.
    pub(crate) fn writes(&self) -> bool {
        dynamodb::writes(self.operation())
    }

    /// Returns the body of a DynamoDB request. An operation that reads or writes items also asks
    /// for its consumed capacity.
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
