//! Clients that only note when they are told of a change.

use std::collections::BTreeMap;
use std::time::Duration;

use clock::{Clock, Timestamp};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// The versions of orders, by id.
pub(super) type Versions = BTreeMap<String, u64>;

/// A client that follows one topic and only notes what it is told.
pub(super) struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    /// Connects and subscribes; tries again while the account is throttled.
    pub(super) async fn connect(url: &str, token: &str) -> Self {
        loop {
            let mut request = url.into_client_request().expect("a WebSocket URL");
            let value = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().insert("authorization", value);
            let mut socket = match connect_async(request).await {
                Ok((socket, _)) => socket,
                Err(Error::Http(response)) if response.status() == 429 => continue,
                Err(error) => panic!("{error}"),
            };
            let subscribe = json!({ "action": "subscribe", "topic": "merchant:m1" });
            socket.send(Message::text(subscribe.to_string())).await.expect("an open socket");
            let response = socket.next().await.expect("a response").expect("an open socket");
            if response.to_text().expect("text").contains("subscribed") {
                return Self(socket);
            }
        }
    }

    /// Listens until it has these versions. Returns the time from each commit to its message, and
    /// fails if the connection ends.
    pub(super) async fn listen(
        mut self,
        mut last: watch::Receiver<Option<Versions>>,
    ) -> Vec<Duration> {
        let (mut delays, mut known) = (Vec::new(), Versions::new());
        loop {
            let has =
                |(id, version): (&String, &u64)| known.get(id).is_some_and(|it| it >= version);
            if last.borrow_and_update().as_ref().is_some_and(|last| last.iter().all(has)) {
                return delays;
            }
            let message = tokio::select! {
                _ = last.changed() => continue,
                message = self.0.next() => message.expect("an open connection"),
            };
            let Message::Text(text) = message.expect("an open connection") else { continue };
            let message: Value = serde_json::from_str(&text).expect("a message");
            let now = Clock::system().now().epoch_millis();
            for event in message["events"].as_array().into_iter().flatten() {
                let at = event["at"].as_str().and_then(Timestamp::parse).expect("a time");
                let delay = now.saturating_sub(at.epoch_millis()).try_into().unwrap_or(0);
                delays.push(Duration::from_millis(delay));
                let id = event["order_id"].as_str().expect("an id").to_owned();
                let known = known.entry(id).or_default();
                *known = event["version"].as_u64().expect("a version").max(*known);
            }
        }
    }
}
