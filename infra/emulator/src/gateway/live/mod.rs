//! A WebSocket API: authorises and opens connections, passes their messages to functions, and
//! lets functions post to them.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html>

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use clock::Clock;
use http::StatusCode;
use http::request::Parts;
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use super::Requests;
use crate::invoke::{FunctionError, Functions};
use crate::template::WebSocketApi;
use crate::transport::Faults;

mod authorizer;
mod connection;
mod event;
mod handshake;
mod hub;
mod management;
mod messages;
mod response;
mod room;
mod session;
mod socket;

#[cfg(test)]
mod tests;

pub use connection::{Closing, Connection, OUTBOX_MESSAGES, PostError};
pub use hub::Hub;
pub(crate) use management::throttled;
pub use room::OUTBOX_BYTES;

use event::Caller;
use handshake::{Handshake, Refusal};
use response::ProxyResponse;
use session::Session;
pub use socket::{LINGER, WRITE_TIMEOUT};

/// The timeout of an integration.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html>
const INTEGRATION_TIMEOUT: Duration = Duration::from_secs(29);

/// The number of handshakes that wait for their turn or go on. One goes on when its client has
/// left, so the bound of connections does not hold them.
const MOST_HANDSHAKES: usize = 1024;
/// The number of handshakes and `$disconnect`s that invoke functions at once. All others wait, so
/// that the requests of connected clients do not stand behind a crowd that comes or leaves.
const MOST_TURNS: usize = 4;

/// A gateway that opens connections to one stage of a WebSocket API.
pub struct LiveGateway {
    api: WebSocketApi,
    functions: Functions,
    address: SocketAddr,
    clock: Clock,
    hub: Arc<Hub>,
    faults: Faults,
    handshakes: Arc<Semaphore>,
    requests: Requests,
    messages_at_once: usize,
    turns: Arc<Semaphore>,
    sessions: TaskTracker,
}

/// A reason why an integration has no usable result.
#[derive(Debug, thiserror::Error)]
enum IntegrationError {
    #[error("the function took more than {} seconds", INTEGRATION_TIMEOUT.as_secs())]
    TimedOut,
    #[error(transparent)]
    Function(#[from] FunctionError),
    #[error("the function's result is not a response: {0}")]
    Response(#[from] serde_json::Error),
}

impl LiveGateway {
    /// Creates a gateway at `address` that invokes `functions`. Its open connections are in
    /// `hub`, and `faults` selects connections whose `$disconnect` is lost.
    pub fn new(
        api: WebSocketApi,
        functions: Functions,
        address: SocketAddr,
        clock: Clock,
        hub: Arc<Hub>,
        faults: Faults,
    ) -> Self {
        let handshakes = Arc::new(Semaphore::new(MOST_HANDSHAKES));
        let turns = Arc::new(Semaphore::new(MOST_TURNS));
        let (requests, messages_at_once) = (Requests::default(), 1);
        Self {
            api,
            functions,
            address,
            clock,
            hub,
            faults,
            handshakes,
            turns,
            requests,
            messages_at_once,
            sessions: TaskTracker::new(),
        }
    }

    /// Lets the API take from these requests, and process so many messages of a connection at once.
    #[must_use]
    pub(crate) fn sharing(self, requests: Requests, messages_at_once: usize) -> Self {
        Self { requests, messages_at_once: messages_at_once.max(1), ..self }
    }

    /// Returns true if a request is for this API: a WebSocket handshake at its stage.
    pub fn takes(&self, request: &Request) -> bool {
        let path = request.uri().path().trim_matches('/');
        path == self.api.stage && handshake::is_wanted(request.headers())
    }

    /// Responds to a handshake and, if it opens a connection, serves the connection to its end.
    pub async fn respond(self: &Arc<Self>, request: Request, client: IpAddr) -> Response {
        if !self.requests.take() {
            return Refusal::Status(StatusCode::TOO_MANY_REQUESTS).into_response();
        }
        let Ok(counted) = Arc::clone(&self.handshakes).try_acquire_owned() else {
            return Refusal::Status(StatusCode::TOO_MANY_REQUESTS).into_response();
        };
        // A client that leaves before its turn has cost nothing.
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        // Runs in its own task, so that it completes even if the client disconnects halfway: by
        // then `$connect` may have stored the connection, and `$disconnect` has to delete it.
        let this = Arc::clone(self);
        let opened = self.sessions.spawn(async move {
            let _until_opened = (counted, turn);
            this.open(request, client).await
        });
        match opened.await {
            Ok(Ok(response)) => response,
            Ok(Err(refusal)) => refusal.into_response(),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    async fn open(
        self: &Arc<Self>,
        mut request: Request,
        client: IpAddr,
    ) -> Result<Response, Refusal> {
        let handshake = Handshake::read(&mut request)?;
        let (parts, _) = request.into_parts();
        let mut caller = Caller::new(self, client, &parts);
        if let Some(function) = &self.api.authorizer {
            caller.authorizer = Some(authorizer::authorize(self, function, &caller, &parts).await?);
        }
        let protocol = self.greet(&caller, &parts).await?;
        let response = handshake.response(protocol.as_deref());
        let (session, outbox) = Session::new(Arc::clone(self), caller);
        self.sessions.spawn(session.run(outbox, handshake.upgrade));
        Ok(response)
    }

    /// Invokes the function of `$connect` and returns the subprotocol that it chose.
    async fn greet(&self, caller: &Caller, parts: &Parts) -> Result<Option<String>, Refusal> {
        let Some(route) = self.api.routes.get("$connect") else { return Ok(None) };
        let event = caller.connect_event(parts, self.clock.now());
        let response =
            self.invoke(&route.function, &event).await.map_err(|e| Refusal::connect(&e))?;
        let response: ProxyResponse =
            serde_json::from_slice(&response).map_err(|error| Refusal::connect(&error.into()))?;
        response.accepts().map_err(Refusal::Status)?;
        Ok(response.header("sec-websocket-protocol").map(str::to_owned))
    }

    async fn invoke(&self, function: &str, event: &Value) -> Result<Bytes, IntegrationError> {
        let invocation = timeout(INTEGRATION_TIMEOUT, self.functions.invoke(function, event));
        Ok(invocation.await.map_err(|_| IntegrationError::TimedOut)??)
    }

    /// Closes every connection with this reason (code 1001) and waits until `$disconnect` has
    /// been invoked for each.
    pub async fn close(&self, reason: &str) {
        for connection in self.hub.take_all() {
            connection.close(Closing::going_away(reason));
        }
        self.sessions.close();
        self.sessions.wait().await;
    }
}
