//! The functions' way out: the HTTP client under their AWS SDK clients.
//!
//! Each function has a client of its own, so every call is known by the
//! function that made it, held to that function's policy, and counted. What
//! names a DynamoDB operation goes to the runner's DynamoDB, all of it through
//! one function, `call`; everything else goes to a handler: the requests to
//! `@connections`.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;

use crate::dynamodb::{DynamoDb, Reply};
use crate::iam::{Access, AccessDenied, Iam};
use crate::meter::Meter;

mod call;
mod fault;

pub use call::Call;
pub use fault::{Fault, Faults};

/// Answers a request that is no DynamoDB call.
pub type Elsewhere =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, http::Response<Bytes>> + Send + Sync>;

/// Makes the functions' HTTP clients. Clones share everything.
#[derive(Clone)]
pub struct Transport {
    db: DynamoDb,
    elsewhere: Elsewhere,
    faults: Faults,
    iam: Iam,
    meter: Meter,
}

impl Transport {
    /// DynamoDB calls go to `db`, unless `iam` denies them or `faults` has
    /// something else in mind; `meter` counts them.
    pub fn new(db: DynamoDb, elsewhere: Elsewhere, faults: Faults, iam: Iam, meter: Meter) -> Self {
        Self { db, elsewhere, faults, iam, meter }
    }

    /// The HTTP client for the SDK clients of `function`.
    pub fn client_for(&self, function: &str) -> SharedHttpClient {
        SharedHttpClient::new(FunctionClient {
            function: function.to_owned(),
            transport: self.clone(),
        })
    }

    /// Every DynamoDB call that a function makes, and its answer, passes here,
    /// the SDK's repetitions each for itself.
    async fn call(&self, call: Call) -> Result<Reply, ConnectorError> {
        let accesses = Access::of_dynamodb(call.operation(), &call.request);
        if let Err(denied) = self.iam.authorize(&call.function, &accesses) {
            return Ok(Reply::error(400, "AccessDeniedException", &denied.to_string()));
        }
        match self.faults.strike(&call) {
            Some(Fault::Refuse(reply)) => Ok(reply),
            Some(Fault::Unreachable) => Err(ConnectorError::io("connection refused".into())),
            Some(Fault::LoseAnswer) => {
                self.execute(&call).await;
                Err(ConnectorError::timeout("the answer was lost".into()))
            }
            None => Ok(self.execute(&call).await),
        }
    }

    async fn execute(&self, call: &Call) -> Reply {
        let reply = self.db.call(&call.target, call.body()).await;
        self.meter.called(call, &reply);
        reply
    }

    /// What is no DynamoDB call is a request to `@connections`.
    async fn manage(&self, function: &str, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let access = Access::of_connections(request.method(), request.uri());
        match self.iam.authorize(function, &[access]) {
            Ok(()) => {
                self.meter.managed(function, request.method());
                (self.elsewhere)(request).await
            }
            Err(denied) => forbidden(&denied),
        }
    }

    async fn send(
        &self,
        function: String,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let request = with_bytes(request)?;
        let target = request.headers().get("x-amz-target").and_then(|name| name.to_str().ok());
        let response = if let Some(target) = target {
            let call = Call::new(function, target.to_owned(), request.body());
            let reply = self.call(call).await?;
            http::Response::builder()
                .status(reply.status)
                .header(CONTENT_TYPE, "application/x-amz-json-1.0")
                .body(reply.body)
                .map_err(|error| ConnectorError::user(error.into()))?
        } else {
            self.manage(&function, request).await
        };
        HttpResponse::try_from(response.map(SdkBody::from))
            .map_err(|error| ConnectorError::user(error.into()))
    }
}

/// The SDK's own request with a body in memory; none that Waybill makes streams.
fn with_bytes(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body.bytes().map(Bytes::copy_from_slice);
    let bytes = bytes.ok_or_else(|| ConnectorError::user("the request's body streams".into()))?;
    Ok(http::Request::from_parts(parts, bytes))
}

fn forbidden(denied: &AccessDenied) -> http::Response<Bytes> {
    let body = json!({ "message": denied.to_string() }).to_string();
    let mut response = http::Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::FORBIDDEN;
    let kind = HeaderValue::from_static("AccessDeniedException");
    response.headers_mut().insert("x-amzn-errortype", kind);
    response
}

/// One function's client.
#[derive(Clone)]
struct FunctionClient {
    function: String,
    transport: Transport,
}

impl fmt::Debug for FunctionClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FunctionClient").field(&self.function).finish()
    }
}

impl HttpClient for FunctionClient {
    /// The settings are time-outs of connecting and reading: nothing connects.
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for FunctionClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.clone();
        HttpConnectorFuture::new(
            async move { client.transport.send(client.function, request).await },
        )
    }
}

#[cfg(test)]
mod tests;
