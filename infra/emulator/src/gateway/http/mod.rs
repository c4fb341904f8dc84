//! An HTTP API: finds the route, checks its authorizer and invokes its function.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api.html>

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use clock::Clock;
use http::request::Parts;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Requests, random_id};
use crate::invoke::{FunctionError, Functions, PAYLOAD_LIMIT};

mod authorizer;
mod body;
mod cors;
mod event;
mod log;
mod refusal;
mod response;
mod route;

#[cfg(test)]
mod tests;

pub use authorizer::{Authorizer, AuthorizerError};
pub(crate) use body::Bodies;
pub use cors::Cors;
pub use log::REQUEST_LOG;
pub use refusal::Refusal;
pub use route::{Match, Routes};

use body::Held;
use event::Event;
use log::Logged;

/// The largest body, in bytes: the event of a larger one is too large for Lambda.
const BODY_LIMIT: usize = PAYLOAD_LIMIT;
/// The bytes of all bodies that are held at once.
const BODIES_LIMIT: usize = 16 * 1024 * 1024;
/// The largest body of a route without an authorizer, which anybody may send.
const OPEN_BODY_LIMIT: usize = 64 * 1024;
/// The bytes of all bodies of such routes that are held at once, apart from those of other routes.
const OPEN_BODIES_LIMIT: usize = 2 * 1024 * 1024;
/// The largest request line and headers, in bytes.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const HEAD_LIMIT: usize = 10_240;
/// The timeout of an integration; from the same page.
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(30);
/// The number of concurrent invocations. Further requests are throttled, as on a stage, so that
/// the running ones still finish in time under load.
const MOST_IN_FLIGHT: usize = 256;

/// The endpoint of an API, as events describe it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub api_id: String,
    /// The host and port that clients use.
    pub address: SocketAddr,
}

/// A gateway that handles the requests of an HTTP API.
pub struct HttpGateway {
    routes: Routes,
    cors: Option<Cors>,
    functions: Functions,
    endpoint: Endpoint,
    clock: Clock,
    integration_timeout: Duration,
    in_flight: Arc<Semaphore>,
    requests: Requests,
    bodies: Bodies,
    /// The bodies of requests that no authorizer has seen.
    open_bodies: Bodies,
    /// The claim that the log of requests shows.
    logged_claim: Option<String>,
}

impl HttpGateway {
    /// Creates a gateway at `endpoint` that invokes `functions`. Without `cors`, functions answer
    /// cross-origin requests. `clock` decides if tokens have expired.
    pub fn new(
        routes: Routes,
        cors: Option<Cors>,
        functions: Functions,
        endpoint: Endpoint,
        clock: Clock,
    ) -> Self {
        Self {
            routes,
            cors,
            functions,
            endpoint,
            clock,
            integration_timeout: INTEGRATION_TIMEOUT,
            in_flight: Arc::new(Semaphore::new(MOST_IN_FLIGHT)),
            requests: Requests::default(),
            bodies: Bodies::new(BODY_LIMIT, BODIES_LIMIT),
            open_bodies: Bodies::new(OPEN_BODY_LIMIT, OPEN_BODIES_LIMIT),
            logged_claim: None,
        }
    }

    /// Lets the log of requests show this claim of the callers' tokens.
    #[must_use]
    pub fn logging(self, claim: String) -> Self {
        Self { logged_claim: Some(claim), ..self }
    }

    /// Lets the API take from these requests.
    #[must_use]
    pub(crate) fn sharing(self, requests: Requests) -> Self {
        Self { requests, ..self }
    }

    /// Returns the bounds of bodies that anybody may send.
    pub(crate) const fn open_bodies(&self) -> &Bodies {
        &self.open_bodies
    }

    /// Handles a request from the address `client`.
    pub async fn respond(&self, request: Request, client: IpAddr) -> Response {
        let request_id = random_id();
        let mut logged = Logged::new(request.method());
        let mut response = match &self.cors {
            None => self.answer(request, client, &request_id, &mut logged).await,
            Some(cors) => {
                let allowed = cors.allowed(request.headers());
                if cors::is_preflight(&request) {
                    cors.preflight(allowed)
                } else {
                    let mut response = self.answer(request, client, &request_id, &mut logged).await;
                    cors.add_to(response.headers_mut(), allowed);
                    response
                }
            }
        };
        if let Ok(id) = HeaderValue::try_from(request_id) {
            response.headers_mut().insert(HeaderName::from_static("apigw-requestid"), id);
        }
        logged.end(response.status());
        response
    }

    async fn answer(
        &self,
        request: Request,
        client: IpAddr,
        request_id: &str,
        logged: &mut Logged,
    ) -> Response {
        match self.integrate(request, client, request_id, logged).await {
            Ok(response) => response,
            Err(refusal) => refusal.into_response(),
        }
    }

    async fn integrate(
        &self,
        request: Request,
        client: IpAddr,
        request_id: &str,
        logged: &mut Logged,
    ) -> Result<Response, Refusal> {
        if !self.requests.take() {
            return Err(Refusal::Throttled);
        }
        let (parts, body) = request.into_parts();
        if head_size(&parts) > HEAD_LIMIT {
            return Err(Refusal::HeadTooLarge);
        }
        let found = self.routes.find(&parts.method, parts.uri.path()).ok_or(Refusal::NotFound)?;
        logged.route = found.route.key.split_once(' ').map(|(_, path)| path.to_owned());
        if found.route.limit.as_ref().is_some_and(|limit| !limit.take()) {
            return Err(Refusal::Throttled);
        }
        let now = self.clock.now();
        let claims = match &found.route.authorizer {
            Some(authorizer) => Some(authorizer.claims(&parts.headers, now)?),
            None => None,
        };
        let shown = claims.as_ref().zip(self.logged_claim.as_deref());
        let shown = shown.and_then(|(claims, name)| claims.get(name)?.as_str());
        logged.caller = shown.map(str::to_owned);
        let bodies = if claims.is_some() { &self.bodies } else { &self.open_bodies };
        let Held { bytes: body, room } = bodies.read(body).await?;
        let event =
            Event { parts: &parts, body, found: &found, claims, client, request_id, at: now };
        let event = event.to_json(&self.endpoint);
        let response = timeout(self.integration_timeout, self.invoke(&found, event, room)?);
        let response = response.await.map_err(|_| Refusal::IntegrationTimeout)?;
        response::from_payload(&response.map_err(|_| Refusal::IntegrationFailure)??)
    }

    /// Starts an invocation, which continues, and occupies its slot and the room of its body, even
    /// if the client disconnects.
    fn invoke(
        &self,
        found: &Match<'_>,
        event: Value,
        room: OwnedSemaphorePermit,
    ) -> Result<JoinHandle<Result<Bytes, FunctionError>>, Refusal> {
        let permit = Arc::clone(&self.in_flight).try_acquire_owned();
        let permit = permit.map_err(|_| Refusal::Throttled)?;
        let (functions, function) = (self.functions.clone(), found.route.function.clone());
        Ok(tokio::spawn(async move {
            let _until_responded = (permit, room);
            functions.invoke(&function, &event).await
        }))
    }
}

fn head_size(parts: &Parts) -> usize {
    let uri = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len());
    uri + headers.sum::<usize>()
}
