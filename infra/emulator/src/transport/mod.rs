//! The HTTP client of the functions' AWS SDK clients, and a wrapper of their other HTTP clients.
//!
//! Each function has a client of its own, so that every call is attributed to its function,
//! authorised by the function's policy and counted, all in one place: [`Transport::respond`].
//! Calls of DynamoDB or SQS go to the runner's tables or queues; all others are requests to
//! `@connections` and go to its handler.

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
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};

use crate::dynamodb::{DynamoDb, Reply};
use crate::iam::{Access, AccessDenied, Iam};
use crate::meter::Meter;
use crate::queue::{Queues, query_error};

mod attempts;
mod egress;
mod fault;

pub use crate::call::{Call, Service};
pub use attempts::{Attempt, Attempts};
pub use egress::Egress;
pub use fault::{Fault, Faults};

const QUERY_ERROR: HeaderName = HeaderName::from_static("x-amzn-query-error");

/// Handles a request to `@connections`.
pub type Connections =
    Arc<dyn Fn(http::Request<Bytes>) -> BoxFuture<'static, http::Response<Bytes>> + Send + Sync>;

/// The services that handle the functions' calls.
#[derive(Clone)]
pub struct Services {
    pub db: DynamoDb,
    pub queues: Queues,
    pub connections: Connections,
}

/// A factory of the functions' HTTP clients. Clones share all state.
#[derive(Clone)]
pub struct Transport {
    services: Services,
    faults: Faults,
    attempts: Attempts,
    iam: Iam,
    meter: Meter,
}

impl Transport {
    /// Creates a transport that sends calls to `services`, unless `iam` denies them or `faults`
    /// makes them fail; `meter` counts them, and `attempts` records the requests to the world.
    pub fn new(
        services: Services,
        faults: Faults,
        attempts: Attempts,
        iam: Iam,
        meter: Meter,
    ) -> Self {
        Self { services, faults, attempts, iam, meter }
    }

    /// Returns the HTTP client for the SDK clients of `function`.
    pub fn client_for(&self, function: &str) -> SharedHttpClient {
        SharedHttpClient::new(FunctionClient {
            function: function.to_owned(),
            transport: self.clone(),
        })
    }

    /// Responds to a call of AWS. Every such call of a function passes through here, including
    /// each retry of the SDK.
    async fn respond(
        &self,
        call: &Call,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, ConnectorError> {
        if let Err(denied) = self.iam.authorize(&call.function, &accesses(call, &request)) {
            return Ok(forbidden(call.service(), &denied));
        }
        let execute = async { Ok(self.execute(call, request).await) };
        self.expose(call, execute, |reply| Ok(response(reply))).await
    }

    /// Executes a call unless it has a fault; `refused` converts the reply of a refusal.
    async fn expose<R>(
        &self,
        call: &Call,
        execute: impl Future<Output = Result<R, ConnectorError>>,
        refused: impl FnOnce(Reply) -> Result<R, ConnectorError>,
    ) -> Result<R, ConnectorError> {
        let mut fault = self.faults.strike(call);
        while let Some(Fault::Wait(mut open)) = fault {
            // An error means that the sender is gone, so the call goes on.
            let _ = open.wait_for(|open| *open).await;
            fault = self.faults.strike(call);
        }
        match fault {
            Some(Fault::Refuse(reply)) => refused(reply),
            Some(Fault::Unreachable) => Err(ConnectorError::io("connection refused".into())),
            Some(Fault::LoseResponse) => {
                // An error of the call is lost as well.
                let _ = execute.await;
                Err(ConnectorError::timeout("the answer was lost".into()))
            }
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::Wait(_)) | None => execute.await,
        }
    }

    async fn execute(&self, call: &Call, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let reply = match call.service() {
            Service::DynamoDb => self.services.db.call(&call.target, call.body()).await,
            Service::Sqs => self.services.queues.respond(call),
            Service::Connections => {
                self.meter.managed(&call.function, request.method());
                return (self.services.connections)(request).await;
            }
            Service::Egress => Reply::error(400, "UnknownOperationException", &call.target),
        };
        self.meter.called(call, &reply);
        response(reply)
    }

    async fn send(
        &self,
        function: String,
        request: HttpRequest,
    ) -> Result<HttpResponse, ConnectorError> {
        let request = with_bytes(request)?;
        let call = Call::new(function, &request);
        let response = self.respond(&call, request).await?;
        HttpResponse::try_from(response.map(SdkBody::from))
            .map_err(|error| ConnectorError::user(error.into()))
    }
}

/// Returns the accesses that `call` needs permission for; none if it is not one of AWS.
fn accesses(call: &Call, request: &http::Request<Bytes>) -> Vec<Access> {
    match call.service() {
        Service::DynamoDb => Access::of_dynamodb(call.operation(), &call.request),
        Service::Sqs => vec![Access::of_sqs(call.operation(), &call.request)],
        Service::Connections => vec![Access::of_connections(request.method(), request.uri())],
        Service::Egress => Vec::new(),
    }
}

/// Converts the SDK's request into one with a body in memory; Waybill makes no streaming
/// requests.
fn with_bytes(request: HttpRequest) -> Result<http::Request<Bytes>, ConnectorError> {
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let bytes = body.bytes().map(Bytes::copy_from_slice);
    let bytes = bytes.ok_or_else(|| ConnectorError::user("the request's body streams".into()))?;
    Ok(http::Request::from_parts(parts, bytes))
}

fn response(reply: Reply) -> http::Response<Bytes> {
    let status = status(&reply);
    let query_error = query_error(&reply).and_then(|error| HeaderValue::try_from(error).ok());
    let mut response = http::Response::new(reply.body);
    if let Some(error) = query_error {
        response.headers_mut().insert(QUERY_ERROR, error);
    }
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// Only a test can set an invalid status; it counts as a failure.
fn status(reply: &Reply) -> StatusCode {
    StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Returns the response for a denied call. DynamoDB and SQS use 400 for it, API Gateway 403.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html>
fn forbidden(service: Service, denied: &AccessDenied) -> http::Response<Bytes> {
    let status = match service {
        Service::DynamoDb | Service::Sqs => 400,
        Service::Connections | Service::Egress => 403,
    };
    response(Reply::error(status, "AccessDeniedException", &denied.to_string()))
}

/// The HTTP client of a function.
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
    /// Ignores the settings, which are timeouts for connecting and reading: there is no network.
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
