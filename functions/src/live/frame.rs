//! What is sent to clients.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use shared::domain::{OrderId, Version};
use shared::http::Problem;

/// A message to a client.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
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
        problem: Value,
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

impl Frame {
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
