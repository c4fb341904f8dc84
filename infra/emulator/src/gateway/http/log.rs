//! The log of requests: one line each, without a text that a client wrote.

use std::time::Instant;

use http::{Method, StatusCode};

/// The target of the log's events.
pub const REQUEST_LOG: &str = "requests";

/// A request whose line is written at its end.
pub(super) struct Logged {
    begun: Instant,
    method: Method,
    /// The route's path, once it is found.
    pub(super) route: Option<String>,
    /// The value of the claim that the log shows, once the token is verified.
    pub(super) caller: Option<String>,
}

impl Logged {
    pub(super) fn new(method: &Method) -> Self {
        Self { begun: Instant::now(), method: method.clone(), route: None, caller: None }
    }

    pub(super) fn end(self, status: StatusCode) {
        let (status, ms) = (status.as_u16(), self.begun.elapsed().as_millis());
        let Self { method, route, caller, .. } = self;
        tracing::info!(target: REQUEST_LOG, %method, route, status, ms, caller, "request");
    }
}
