//! Handles the messages of a connection.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::connection::{Closing, Connection};
use super::event::Caller;
use super::response::ProxyResponse;
use super::socket::{self, Reader};
use super::{IntegrationError, LiveGateway};
use crate::gateway::{Bucket, random_id};
use crate::template::LiveRoute;

/// The pings and pongs that a client may send in a second, and in a burst. A client that keeps its
/// connection alive sends one in many seconds.
const PINGS_PER_SECOND: f64 = 20.0;
pub(super) const PING_BURST: f64 = 200.0;

/// The messages of a connection.
pub(super) struct Messages<'s> {
    pub(super) gateway: &'s LiveGateway,
    pub(super) caller: &'s Caller,
    pub(super) connection: &'s Connection,
}

impl Messages<'_> {
    /// Handles messages until either end closes the connection or a limit is reached, and then
    /// those that are being processed.
    pub(super) async fn until_closed(&self, reader: &mut Reader) -> Closing {
        let mut handled = FuturesUnordered::new();
        let pings = Bucket::new(PINGS_PER_SECOND, PING_BURST);
        let closing = loop {
            let has_room = handled.len() < self.gateway.messages_at_once;
            let message = tokio::select! {
                biased;
                closing = self.connection.closed() => break closing,
                closing = self.connection.limit_reached() => break closing,
                Some(()) = handled.next() => continue,
                message = reader.next(), if has_room => message,
            };
            match message {
                Some(Ok(Message::Text(text))) => {
                    handled.push(self.handle(text.as_str().to_owned(), false));
                }
                Some(Ok(Message::Binary(data))) => {
                    handled.push(self.handle(STANDARD.encode(data), true));
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) if pings.take() => {
                    self.connection.owe_pong();
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {
                    break Closing::new(1008, "Too many pings");
                }
                Some(Ok(Message::Frame(_))) => {}
                last => break socket::ended(last),
            }
        };
        while handled.next().await.is_some() {}
        closing
    }

    async fn handle(&self, body: String, encoded: bool) {
        self.connection.touch();
        let request_id = random_id();
        if !self.gateway.requests.take() {
            return self.report_error("Too Many Requests", &request_id);
        }
        let Some((key, route)) = self.gateway.route(&body) else {
            return self.report_error("Forbidden", &request_id);
        };
        let now = self.gateway.clock.now();
        let event = self.caller.message_event(key, &request_id, (&body, encoded), now);
        match self.respond(route, &event).await {
            Ok(None) => {}
            Ok(Some(body)) => self.post(body.into()),
            Err(error) => {
                tracing::error!(%error, route = key, "a message was not processed");
                let timed_out = matches!(error, IntegrationError::TimedOut);
                let message =
                    if timed_out { "Endpoint request timed out" } else { "Internal server error" };
                self.report_error(message, &request_id);
            }
        }
    }

    /// Invokes the function and returns the message for the client, if the route has a response.
    async fn respond(
        &self,
        route: &LiveRoute,
        event: &Value,
    ) -> Result<Option<String>, IntegrationError> {
        let response = self.gateway.invoke(&route.function, event).await?;
        if !route.responds {
            return Ok(None);
        }
        Ok(serde_json::from_slice::<ProxyResponse>(&response)?.body)
    }

    /// Sends an error of API Gateway itself.
    fn report_error(&self, message: &str, request_id: &str) {
        let Connection { id, .. } = self.connection;
        let frame = json!({ "message": message, "connectionId": id, "requestId": request_id });
        self.post(frame.to_string().into());
    }

    /// Posts a response, or closes the connection if it is full: the client would otherwise miss
    /// a response without noticing.
    fn post(&self, data: Bytes) {
        if self.connection.post(data).is_err() {
            self.connection.close(Closing::new(1008, "Too many messages waiting"));
        }
    }
}

impl LiveGateway {
    /// Returns the route of a message and the route's key.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html>
    fn route(&self, body: &str) -> Option<(&str, &LiveRoute)> {
        let selected = serde_json::from_str::<Value>(body).ok();
        let selected = selected.as_ref().and_then(|message| message.get(&self.api.selector));
        let own = selected.and_then(Value::as_str).filter(|key| !key.starts_with('$'));
        let found = own.and_then(|key| self.api.routes.get_key_value(key));
        let found = found.or_else(|| self.api.routes.get_key_value("$default"));
        found.map(|(key, route)| (key.as_str(), route))
    }
}
