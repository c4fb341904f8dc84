//! What is sent to clients.

use clock::Timestamp;
use domain::visibility::{self, EventView, OrderView};
use domain::{OrderId, type_name};
use http_api::{Cursor, Problem, ProblemBody, ProblemKind};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::messages::Changes;
use crate::describe::Sample;

/// A message to a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(transform = named_by_type)]
pub enum Frame {
    /// The connection listens to the topic from now on.
    Subscribed(Subscribed),
    /// The connection listens to the topic no more.
    Unsubscribed {
        /// Which.
        topic: String,
    },
    /// The answer to a `ping`.
    Pong,
    /// What happened, in each order's order.
    Events(Changes),
    /// Some of the topic's open orders, as they are now.
    Snapshot(SnapshotPage),
    /// Some of what came into the topic since shortly before the subscription.
    Synced(SnapshotPage),
    /// The orders that were asked for, as far as a message has room: of a few large
    /// ones some may be in neither list, and are to be asked for again.
    Fetched {
        /// Of which topic.
        topic: String,
        /// Those that belong to it, as they are now; they may be closed.
        #[schemars(with = "Vec<OrderView<'_>>")]
        orders: Vec<Box<RawValue>>,
        /// Those that do not belong to it, or are not the client's to see.
        gone: Vec<OrderId>,
    },
    /// A message was refused.
    Problem {
        /// Why (RFC 9457).
        problem: ProblemBody,
        /// The topic that the message named.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
    /// The connection is about to be closed.
    Closing {
        /// Why.
        reason: Ending,
    },
}

/// That a connection listens to a topic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subscribed {
    /// Which.
    pub(crate) topic: String,
    /// Since when: what a `recheck` takes as `since`.
    pub(crate) at: Timestamp,
    /// Whether each event since `after` was sent before this, up to the version of
    /// `order`. If not, none was: take the order as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovered: Option<bool>,
    /// The order of `order:ID`, as it is now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<OrderView<'_>>")]
    pub(crate) order: Option<Box<RawValue>>,
}

/// Some of a topic's orders.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Page")]
pub struct SnapshotPage {
    /// Which topic.
    pub(crate) topic: String,
    /// Fewer than a page holds, even none, where others have left meanwhile.
    #[schemars(with = "Vec<OrderView<'_>>")]
    pub(crate) orders: Vec<Box<RawValue>>,
    /// Where the next page begins; null of the last one.
    pub(crate) next: Option<Cursor>,
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its token has ended: come back with another.
    TokenExpired,
    /// It went on saying too much.
    TooManyMessages,
    /// It was not reached, and may have missed something: come back and resume.
    NotReached,
}

/// An event with the order that it happened to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrderEvent<'a> {
    pub(crate) order_id: OrderId,
    #[serde(flatten)]
    pub(crate) event: EventView<'a>,
}

/// Gives each message a name of its own in the documents.
fn named_by_type(schema: &mut Schema) {
    for message in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = message["properties"]["type"]["const"].as_str().unwrap_or_default();
        message["title"] = format!("{}Message", type_name(name)).into();
    }
}

impl Frame {
    /// Every type of message that clients are sent, for example.
    pub(crate) fn examples(sample: &Sample) -> [Self; 9] {
        let order_id = sample.order.id;
        let topic = || String::from("merchant:green-grocer");
        let order = || {
            let view = visibility::order(&sample.principal, &sample.order, None);
            view.and_then(|view| to_raw_value(&view).ok())
        };
        let orders = || order().into_iter().collect();
        let page = || SnapshotPage { topic: topic(), orders: orders(), next: None };
        let event = sample.views().next().map(|event| OrderEvent { order_id, event });
        let events = event.and_then(|event| to_raw_value(&event).ok()).into_iter().collect();
        let refused = Problem::new(
            ProblemKind::Forbidden,
            "You cannot subscribe to this topic. Subscribe to one of your own.",
        );
        [
            Self::Subscribed(Subscribed {
                topic: format!("order:{order_id}"),
                at: sample.order.updated_at,
                recovered: Some(true),
                order: order(),
            }),
            Self::Unsubscribed { topic: topic() },
            Self::Pong,
            Self::Events(Changes { events, orders: orders(), removed: Vec::new() }),
            Self::Snapshot(page()),
            Self::Synced(page()),
            Self::Fetched { topic: topic(), orders: orders(), gone: Vec::new() },
            Self::Problem { problem: refused.body(), topic: Some(String::from("orders")) },
            Self::Closing { reason: Ending::TokenExpired },
        ]
    }

    /// A refused message; tells the log what the client is not told.
    pub fn problem(problem: &Problem, topic: Option<String>) -> Self {
        problem.log();
        Self::Problem { problem: problem.body(), topic }
    }

    /// The frame as it is sent.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(error = %error, "a message could not be serialised");
            String::from(r#"{"type":"closing","reason":"internal"}"#)
        })
    }
}
