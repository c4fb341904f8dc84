//! One connection from its handshake to its end.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt;
use hyper::upgrade::OnUpgrade;
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tokio_tungstenite::tungstenite::Message;

use super::connection::{Closing, Connection, Outbox};
use super::event::Caller;
use super::socket::{self, Reader};
use super::{IntegrationError, LiveGateway};
use crate::gateway::random_id;

/// How long a connection may go unused.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
const IDLE_LIMIT: Duration = Duration::from_mins(10);
/// How long a connection may last; from the same page.
const LIFE_LIMIT: Duration = Duration::from_hours(2);

/// A connection that its client may now use.
pub(super) struct Session {
    gateway: Arc<LiveGateway>,
    caller: Caller,
    connection: Arc<Connection>,
    outbox: Outbox,
}

impl Session {
    /// Can be posted to from now on, though the socket is still to come.
    pub(super) fn new(gateway: Arc<LiveGateway>, caller: Caller) -> Self {
        let (connection, outbox) = Connection::new(
            caller.connection_id.clone(),
            caller.connected_at,
            caller.client,
            caller.user_agent.clone(),
        );
        let connection = Arc::new(connection);
        gateway.hub.insert(Arc::clone(&connection));
        Self { gateway, caller, connection, outbox }
    }

    /// Serves the connection, and tells `$disconnect` when it is over.
    pub(super) async fn run(self, upgrade: OnUpgrade) {
        let Self { gateway, caller, connection, outbox } = self;
        let closing = match upgrade.await {
            Ok(upgraded) => {
                let (writer, mut reader) = socket::open(upgraded).await.split();
                let (end, ended) = oneshot::channel();
                let mut writer = tokio::spawn(socket::write(writer, outbox, ended));
                let serve =
                    Messages { gateway: &gateway, caller: &caller, connection: &connection };
                let (closing, written) = tokio::select! {
                    closing = serve.until_closed(&mut reader) => (closing, None),
                    written = &mut writer => (lost(), Some(written)),
                };
                gateway.hub.take(&connection.id);
                let _ = end.send(closing.clone());
                let written = match written {
                    Some(written) => written,
                    None => writer.await,
                };
                if let Ok(writer) = written {
                    socket::linger(reader, writer).await;
                }
                closing
            }
            Err(_) => lost(),
        };
        gateway.hub.take(&connection.id);
        gateway.disconnect(&caller, &closing).await;
    }
}

fn lost() -> Closing {
    Closing::new(1006, "Connection closed abnormally")
}

impl LiveGateway {
    /// "API Gateway will try its best to deliver the $disconnect event".
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>
    async fn disconnect(&self, caller: &Caller, closing: &Closing) {
        if let Some(route) = self.api.routes.get("$disconnect") {
            let event = caller.disconnect_event(closing, self.clock.now());
            if let Err(error) = self.invoke(&route.function, &event).await {
                tracing::error!(%error, "$disconnect failed");
            }
        }
    }
}

/// The messages of one connection, handled one after another.
struct Messages<'s> {
    gateway: &'s LiveGateway,
    caller: &'s Caller,
    connection: &'s Connection,
}

impl Messages<'_> {
    /// Handles messages until either end closes or a limit is reached.
    async fn until_closed(&self, reader: &mut Reader) -> Closing {
        loop {
            let message = tokio::select! {
                biased;
                closing = self.connection.closed() => return closing,
                closing = self.limit() => return closing,
                message = reader.next() => message,
            };
            match message {
                Some(Ok(Message::Text(text))) => self.handle(&text, false).await,
                Some(Ok(Message::Binary(data))) => self.handle(&STANDARD.encode(data), true).await,
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                last => return socket::ended(last),
            }
        }
    }

    /// Resolves when the connection has been unused, or has lasted, for too long.
    async fn limit(&self) -> Closing {
        loop {
            let (opened, used) = self.connection.opened_and_used();
            let (idle, end) = (used + IDLE_LIMIT, opened + LIFE_LIMIT);
            let now = Instant::now();
            if now >= end {
                return Closing::going_away("Connection duration limit reached");
            }
            if now >= idle {
                return Closing::going_away("Idle connection timeout");
            }
            sleep_until(idle.min(end)).await;
        }
    }

    async fn handle(&self, body: &str, encoded: bool) {
        self.connection.touch();
        let request_id = random_id();
        let Some((key, route)) = self.gateway.route(body) else {
            return self.tell("Forbidden", &request_id);
        };
        let now = self.gateway.clock.now();
        let event = self.caller.message_event(key, &request_id, (body, encoded), now);
        match self.gateway.integrate(&route.function, &event).await {
            Ok(answer) => {
                if let Some(body) = answer.body.filter(|_| route.responds) {
                    self.post(body.into());
                }
            }
            Err(error) => {
                tracing::error!(%error, route = key, "a message was not handled");
                let timed_out = matches!(error, IntegrationError::TimedOut);
                let message =
                    if timed_out { "Endpoint request timed out" } else { "Internal server error" };
                self.tell(message, &request_id);
            }
        }
    }

    /// What API Gateway says by itself.
    fn tell(&self, message: &str, request_id: &str) {
        let Connection { id, .. } = self.connection;
        let frame = json!({ "message": message, "connectionId": id, "requestId": request_id });
        self.post(frame.to_string().into());
    }

    /// A client that does not read its answers loses its connection, as it
    /// would miss one without knowing.
    fn post(&self, data: Bytes) {
        if self.connection.post(data).is_err() {
            self.connection.close(Closing::new(1008, "Too many messages wait"));
        }
    }
}

impl LiveGateway {
    /// The route that a message takes, by its key.
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html>
    fn route(&self, body: &str) -> Option<(&str, &crate::template::LiveRoute)> {
        let selected = serde_json::from_str::<Value>(body).ok();
        let selected = selected.as_ref().and_then(|message| message.get(&self.api.selector));
        let own = selected.and_then(Value::as_str).filter(|key| !key.starts_with('$'));
        let found = own.and_then(|key| self.api.routes.get_key_value(key));
        let found = found.or_else(|| self.api.routes.get_key_value("$default"));
        found.map(|(key, route)| (key.as_str(), route))
    }
}
