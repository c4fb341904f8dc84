//! The messages of the server that the client understands.

use serde::Deserialize;
use serde_json::Value;

/// The phases in which an order is closed.
const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// A message from the server.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message {
    Subscribed(Subscribed),
    Events {
        events: Vec<Event>,
        /// Each order of the events, in its current state. Earlier servers leave out empty lists.
        #[serde(default)]
        orders: Vec<Order>,
        #[serde(default)]
        removed: Vec<Removed>,
    },
    /// Positions of drivers, each with its `order_id` or, of a fleet, its `driver`.
    Positions {
        positions: Vec<Value>,
    },
    /// A page of the open orders.
    Snapshot(Page),
    /// A page of the open orders that entered the topic recently.
    Synced(Page),
    /// The orders that a `fetch` named.
    Fetched {
        topic: String,
        orders: Vec<Order>,
        gone: Vec<String>,
    },
    Problem {
        problem: Value,
    },
    /// The server is about to close the connection.
    Closing {
        reason: String,
    },
    /// The response to a `ping`.
    Pong,
}

/// The response to `subscribe`.
#[derive(Debug, Deserialize)]
pub(super) struct Subscribed {
    pub(super) topic: String,
    /// The time of the subscription, by the server's clock.
    pub(super) at: String,
    /// On `order:ID`: the order in its current state.
    pub(super) order: Option<Order>,
    /// On `order:ID`: true if every event up to the order's version has been sent.
    pub(super) recovered: Option<bool>,
}

/// A page of a topic's orders.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) topic: String,
    pub(super) orders: Vec<Order>,
    /// The cursor of the next page.
    pub(super) next: Option<String>,
}

/// An order, with the fields that the client uses.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) is_closed: bool,
    pub(super) body: Value,
}

/// An event, with the fields that the client uses.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Event {
    pub(super) order_id: String,
    pub(super) version: u64,
    pub(super) body: Value,
}

/// An order that is no longer visible to the client from this version on.
#[derive(Debug, Deserialize)]
pub(super) struct Removed {
    pub(super) order_id: String,
    pub(super) version: u64,
}

/// API Gateway's own error message, which has no `type`.
#[derive(Deserialize)]
struct GatewayFailure {
    #[serde(rename = "message")]
    title: String,
}

impl Message {
    /// Parses a message. Returns `None` for one that the client does not know, because a later
    /// server may send others.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().or_else(|| Self::of_gateway(text))
    }

    /// Parses API Gateway's error message as a problem with the status 503, because the request
    /// can be repeated.
    fn of_gateway(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let is_typed = value.get("type").is_some();
        let GatewayFailure { title } = serde_json::from_value(value).ok()?;
        let problem = serde_json::json!({ "type": "about:blank", "title": title, "status": 503 });
        (!is_typed).then_some(Self::Problem { problem })
    }

    /// Returns the topic of a response.
    pub(super) fn topic(&self) -> Option<&str> {
        match self {
            Self::Subscribed(Subscribed { topic, .. })
            | Self::Snapshot(Page { topic, .. })
            | Self::Synced(Page { topic, .. })
            | Self::Fetched { topic, .. } => Some(topic),
            Self::Events { .. }
            | Self::Positions { .. }
            | Self::Problem { .. }
            | Self::Closing { .. }
            | Self::Pong => None,
        }
    }
}

impl TryFrom<Value> for Order {
    type Error = &'static str;

    fn try_from(body: Value) -> Result<Self, Self::Error> {
        let (id, version) = key(&body, "id")?;
        let is_closed = body["phase"].as_str().is_some_and(|phase| CLOSED.contains(&phase));
        Ok(Self { id, version, is_closed, body })
    }
}

impl TryFrom<Value> for Event {
    type Error = &'static str;

    fn try_from(body: Value) -> Result<Self, Self::Error> {
        let (order_id, version) = key(&body, "order_id")?;
        Ok(Self { order_id, version, body })
    }
}

/// Returns the id and the version of an order.
fn key(body: &Value, id: &str) -> Result<(String, u64), &'static str> {
    let id = body.get(id).and_then(Value::as_str).ok_or("no id")?;
    Ok((id.to_owned(), version(body).ok_or("no version")?))
}

/// Returns the version of an order or event.
pub(super) fn version(body: &Value) -> Option<u64> {
    body.get("version").and_then(Value::as_u64)
}

/// The effect of a message on the pending request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// The message is not the response.
    Nothing,
    /// The message is the response.
    Response,
    /// The message is a response that does not complete the request.
    Short,
}
