//! A WebSocket client that checks every message it receives against the AsyncAPI document.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::{Contract, DEADLINE};

/// Returns the message to a client that may no longer see an order, with no other news.
pub fn removed(id: &str, version: u64) -> Value {
    json!({
        "type": "events",
        "events": [],
        "orders": [],
        "removed": [{ "order_id": id, "version": version }],
    })
}

/// An open WebSocket.
pub struct Live {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Live {
    /// Connects with a token in the header; returns the HTTP status if the handshake is refused.
    pub async fn connect(url: &str, token: Option<&str>) -> Result<Self, u16> {
        let mut request = url.into_client_request().expect("a WebSocket URL");
        if let Some(token) = token {
            let value = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().insert("authorization", value);
        }
        match timeout(DEADLINE, connect_async(request)).await.expect("an answer in time") {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(tungstenite::Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub async fn send(&mut self, message: &Value) {
        self.send_text(&message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.expect("an open socket");
    }

    pub async fn send_binary(&mut self, bytes: &'static [u8]) {
        self.socket.send(Message::binary(bytes)).await.expect("an open socket");
    }

    /// Closes the WebSocket with a close frame, as a browser does when its page is left.
    pub async fn close(mut self) {
        self.socket.close(None).await.expect("an open socket");
    }

    /// Closes the WebSocket and waits until API Gateway has closed it too. `$disconnect` follows.
    pub async fn leave(mut self) {
        self.socket.close(None).await.expect("an open socket");
        while self.next_or_close().await.is_ok() {}
    }

    /// Sends an action for a topic and returns the response.
    pub async fn ask(&mut self, action: &str, topic: &str) -> Value {
        self.send(&json!({ "action": action, "topic": topic })).await;
        self.next().await
    }

    /// Subscribes and returns the confirmation; fails if another message comes first.
    pub async fn subscribe(&mut self, topic: &str) -> Value {
        let response = self.ask("subscribe", topic).await;
        assert_eq!((&response["type"], &response["topic"]), (&json!("subscribed"), &json!(topic)));
        response
    }

    /// Returns the next message; fails if none comes in time.
    pub async fn next(&mut self) -> Value {
        self.next_or_close().await.expect("a message, not a close")
    }

    /// Returns the next message, which must conform to the document, or the code and reason of
    /// the close.
    pub async fn next_or_close(&mut self) -> Result<Value, Option<(u16, String)>> {
        loop {
            let message = timeout(DEADLINE, self.socket.next()).await.expect("a message in time");
            match message {
                Some(Ok(Message::Text(text))) => {
                    let message = serde_json::from_str(&text).expect("a JSON message");
                    Contract::live().assert_message(&message);
                    return Ok(message);
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map(|it| (it.code.into(), it.reason.to_string())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Sends a message and returns the response, which must be the next message.
    pub async fn say(&mut self, message: &Value) -> Value {
        self.send(message).await;
        self.next().await
    }

    /// Returns all messages before the response to a `ping` sent now. Messages that the relay
    /// posted earlier come before the response.
    pub async fn until_pong(&mut self) -> Vec<Value> {
        self.send(&json!({ "action": "ping" })).await;
        let mut received = Vec::new();
        loop {
            match self.next().await {
                pong if pong["type"] == "pong" => return received,
                other => received.push(other),
            }
        }
    }

    /// Returns the next events, at least `count`, from any number of messages.
    pub async fn events(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        while events.len() < count {
            let message = self.next().await;
            assert_eq!(message["type"], "events", "{message}");
            assert!(message["orders"].is_array() && message["removed"].is_array(), "{message}");
            events.extend(message["events"].as_array().expect("a list").iter().cloned());
        }
        events
    }
}
