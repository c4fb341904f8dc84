//! The lifetime of a connection from its handshake to its end.

use std::sync::Arc;

use futures_util::StreamExt;
use hyper::upgrade::{OnUpgrade, Upgraded};
use tokio::sync::oneshot;

use super::LiveGateway;
use super::connection::{Closing, Connection, Outbox};
use super::event::Caller;
use super::messages::Messages;
use super::socket;

/// A connection that has been accepted.
pub(super) struct Session {
    gateway: Arc<LiveGateway>,
    caller: Caller,
    connection: Arc<Connection>,
}

impl Session {
    /// Creates a session and its outbox. From now on functions can post to the connection,
    /// although the socket does not exist yet.
    pub(super) fn new(gateway: Arc<LiveGateway>, caller: Caller) -> (Self, Outbox) {
        let (connection, outbox) = Connection::new(
            caller.connection_id.clone(),
            caller.connected_at,
            caller.client,
            caller.user_agent.clone(),
            gateway.hub.room(),
        );
        let connection = Arc::new(connection);
        gateway.hub.insert(Arc::clone(&connection));
        (Self { gateway, caller, connection }, outbox)
    }

    /// Serves the connection to its end, and then invokes `$disconnect`.
    pub(super) async fn run(self, outbox: Outbox, upgrade: OnUpgrade) {
        let closing = match upgrade.await {
            Ok(upgraded) => self.serve(upgraded, outbox).await,
            Err(_) => Closing::abnormal(),
        };
        self.gateway.hub.take(&self.connection.id);
        self.disconnect(&closing).await;
    }

    /// Serves the client until one end closes the connection; returns the reason.
    async fn serve(&self, upgraded: Upgraded, outbox: Outbox) -> Closing {
        let (writer, mut reader) = socket::open(upgraded).await.split();
        let (end, ended) = oneshot::channel();
        let connection = Arc::clone(&self.connection);
        let writing = tokio::spawn(async move {
            let writer = socket::write(writer, outbox, ended).await;
            // Has no effect if the writer was told to end; otherwise the client is lost.
            connection.close(Closing::abnormal());
            writer
        });
        let messages =
            Messages { gateway: &self.gateway, caller: &self.caller, connection: &self.connection };
        let closing = messages.until_closed(&mut reader).await;
        self.gateway.hub.take(&self.connection.id);
        // Fails if the writer has already ended.
        let _ = end.send(closing.clone());
        if let Ok(writer) = writing.await {
            socket::linger(reader, writer).await;
        }
        closing
    }

    /// "API Gateway will try its best to deliver the $disconnect event".
    ///
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>
    async fn disconnect(&self, closing: &Closing) {
        let Some(route) = self.gateway.api.routes.get("$disconnect") else { return };
        if self.gateway.faults.lose_disconnect(&self.connection.id) {
            return;
        }
        let _turn = self.gateway.turns.acquire().await;
        let event = self.caller.disconnect_event(closing, self.gateway.clock.now());
        if let Err(error) = self.gateway.invoke(&route.function, &event).await {
            tracing::error!(%error, "$disconnect failed");
        }
    }
}
