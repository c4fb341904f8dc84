//! The clients: readers, and one that reads nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use domain::{OrderId, Version};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, interval};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::CancellationToken;

use super::CrowdError;
use crate::costs::ClientError;
use crate::costs::client::Person;

/// The interval at which the stalled client checks that its connection is still open.
const LOOK: Duration = Duration::from_millis(100);

/// A version of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub(super) struct Change {
    #[serde(rename = "order_id")]
    pub(super) order: OrderId,
    pub(super) version: Version,
}

/// The messages that one client received.
#[derive(Clone, Debug, Default)]
pub(super) struct Received {
    /// The changes, each with the time of its arrival.
    pub(super) changes: Vec<(Change, Instant)>,
    /// The messages, each with the time of its arrival and its size in bytes.
    pub(super) messages: Vec<(Instant, usize)>,
}

/// The part of a message that is parsed.
#[derive(Deserialize)]
struct Events {
    #[serde(default)]
    events: Vec<Change>,
}

/// A connected and subscribed client.
pub(crate) struct Client(WebSocketStream<TcpStream>);

impl Client {
    /// Connects and subscribes to a topic; `buffer` is the size of the kernel's receive buffer,
    /// in bytes.
    pub(crate) async fn connect(
        person: &Person,
        topic: &str,
        buffer: Option<u32>,
    ) -> Result<Self, CrowdError> {
        let handshake = person.handshake()?;
        let address = handshake.uri().authority().and_then(|it| it.as_str().parse().ok());
        let socket = TcpSocket::new_v4()?;
        if let Some(buffer) = buffer {
            socket.set_recv_buffer_size(buffer)?;
        }
        let stream = socket.connect(address.ok_or(CrowdError::NotStarted)?).await?;
        let (socket, _) = client_async(handshake, stream).await?;
        let mut client = Self(socket);
        let subscribe = json!({ "action": "subscribe", "topic": topic }).to_string();
        client.0.send(Message::text(subscribe)).await?;
        // A change of a moment ago can come before the response.
        loop {
            let text = client.text().await?;
            if text.contains(r#""subscribed""#) {
                return Ok(client);
            }
            if !text.contains(r#""events""#) {
                return Err(ClientError::Complaint(text).into());
            }
        }
    }

    /// Returns the next message.
    pub(crate) async fn text(&mut self) -> Result<String, CrowdError> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(ClientError::Closed.into()),
            }
        }
    }

    /// Receives messages until `stop`, and adds the number of changes to `count`.
    pub(super) async fn receive(
        mut self,
        count: Arc<AtomicUsize>,
        stop: CancellationToken,
    ) -> Result<Received, CrowdError> {
        let mut received = Received::default();
        let mut stopped = std::pin::pin!(stop.cancelled());
        loop {
            let message = tokio::select! {
                message = self.0.next() => message,
                () = &mut stopped => return Ok(received),
            };
            let at = Instant::now();
            match message {
                Some(Ok(Message::Text(text))) => {
                    let Events { events } =
                        serde_json::from_str(&text).map_err(ClientError::Json)?;
                    count.fetch_add(events.len(), Ordering::Relaxed);
                    received.changes.extend(events.into_iter().map(|change| (change, at)));
                    received.messages.push((at, text.len()));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(ClientError::Closed.into()),
            }
        }
    }

    /// Reads nothing until the connection is closed, and returns the time, or `None` if `stop`
    /// came first. A client that does not read learns of the end only from failed writes, so this
    /// one sends unsolicited pongs, to which there is no response (RFC 6455, 5.5.3).
    pub(super) async fn stall(mut self, stop: CancellationToken) -> Option<Instant> {
        let mut looks = interval(LOOK);
        let looking = async {
            loop {
                looks.tick().await;
                if self.0.send(Message::Pong(Bytes::new())).await.is_err() {
                    return Instant::now();
                }
            }
        };
        stop.run_until_cancelled(looking).await
    }
}
