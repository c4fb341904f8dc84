//! What is sent to clients.

use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use shared::domain::visibility::EventView;
use shared::domain::{OrderId, Version, type_name};
use shared::http::{Kind, Problem, ProblemBody};

use crate::contract::Sample;

/// A message to a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(transform = named_by_type)]
pub enum Frame {
    /// The connection listens to the topic from now on.
    Subscribed {
        /// Which.
        topic: String,
    },
    /// The connection listens to the topic no more.
    Unsubscribed {
        /// Which.
        topic: String,
    },
    /// The answer to a `ping`.
    Pong,
    /// What happened, in each order's order.
    Events {
        /// Each with its `order_id`.
        #[schemars(with = "Vec<OrderEvent<'_>>")]
        events: Vec<Box<RawValue>>,
    },
    /// The order is not the client's to see any more.
    Removed {
        /// Which.
        order_id: OrderId,
        /// With which event it was lost.
        version: Version,
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
        reason: &'static str,
    },
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
    pub(crate) fn examples(sample: &Sample) -> [Self; 7] {
        let order_id = sample.order.id;
        let topic = String::from("merchant:green-grocer");
        let event = sample.views().next().map(|event| OrderEvent { order_id, event });
        let events = event.and_then(|event| to_raw_value(&event).ok()).into_iter().collect();
        let refused = Problem::new(
            Kind::Forbidden,
            "This topic is not for you. Subscribe to one of your own.",
        );
        [
            Self::Subscribed { topic: topic.clone() },
            Self::Unsubscribed { topic },
            Self::Pong,
            Self::Events { events },
            Self::Removed { order_id, version: sample.order.version },
            Self::Problem { problem: refused.body(), topic: Some(String::from("orders")) },
            Self::Closing { reason: "token-expired" },
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
            tracing::error!(error = %error, "a frame does not serialise");
            String::from(r#"{"type":"closing","reason":"internal"}"#)
        })
    }
}
