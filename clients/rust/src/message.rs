//! The server's messages, as far as a client understands them.

use serde::Deserialize;
use serde_json::Value;

/// The phases in which an order is closed.
const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// A message of the server.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Message {
    /// The connection listens to the topic.
    Subscribed(Subscribed),
    /// Something happened to orders.
    Events {
        events: Vec<Event>,
        /// Each order of the events, as it stands.
        #[serde(default)]
        orders: Vec<Order>,
        #[serde(default)]
        removed: Vec<Removed>,
    },
    /// A page of the open orders.
    Snapshot(Page),
    /// A page of what entered the topic of late.
    Synced(Page),
    /// The orders that were asked for by their ids.
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
    /// The answer to a `ping`.
    Pong,
}

/// The answer to `subscribe`.
#[derive(Debug, Deserialize)]
pub(super) struct Subscribed {
    pub(super) topic: String,
    /// When, by the server's clock.
    pub(super) at: String,
    /// Of `order:ID`: as it stands.
    pub(super) order: Option<Order>,
    /// Of `order:ID`: whether every event up to the order's version has been sent.
    pub(super) recovered: Option<bool>,
}

/// Some of a topic's orders.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    pub(super) topic: String,
    pub(super) orders: Vec<Order>,
    /// The cursor of the page after this one.
    pub(super) next: Option<String>,
}

/// An order with what a client reads in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) version: u64,
    pub(super) is_closed: bool,
    pub(super) body: Value,
}

/// An event with what a client reads in it.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Event {
    pub(super) order_id: String,
    pub(super) version: u64,
    pub(super) body: Value,
}

/// An order that was lost from sight with this version.
#[derive(Debug, Deserialize)]
pub(super) struct Removed {
    pub(super) order_id: String,
    pub(super) version: u64,
}

/// API Gateway's own error message: it has no type.
#[derive(Deserialize)]
struct GatewayFailure {
    #[serde(rename = "message")]
    title: String,
}

impl Message {
    /// Reads a message. None is one that a client does not know: a later server may say more.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().or_else(|| Self::of_gateway(text))
    }

    /// A request that API Gateway could not handle can be repeated.
    fn of_gateway(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let is_typed = value.get("type").is_some();
        let GatewayFailure { title } = serde_json::from_value(value).ok()?;
        let problem = serde_json::json!({ "type": "about:blank", "title": title, "status": 503 });
        (!is_typed).then_some(Self::Problem { problem })
    }

    /// The topic that it answers for.
    pub(super) fn topic(&self) -> Option<&str> {
        match self {
            Self::Subscribed(Subscribed { topic, .. })
            | Self::Snapshot(Page { topic, .. })
            | Self::Synced(Page { topic, .. })
            | Self::Fetched { topic, .. } => Some(topic),
            Self::Events { .. } | Self::Problem { .. } | Self::Closing { .. } | Self::Pong => None,
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

/// The id and the version of an order.
fn key(body: &Value, id: &str) -> Result<(String, u64), &'static str> {
    let id = body.get(id).and_then(Value::as_str).ok_or("no id")?;
    Ok((id.to_owned(), version(body).ok_or("no version")?))
}

/// The version of an order or event.
pub(super) fn version(body: &Value) -> Option<u64> {
    body.get("version").and_then(Value::as_u64)
}

/// How a message bears on the request that waits for an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// It is no answer to it.
    Nothing,
    /// It is the answer.
    Response,
    /// It is an answer that leaves the request open.
    Short,
}
