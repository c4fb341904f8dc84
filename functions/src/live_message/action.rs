//! The messages of clients.

use serde_json::Value;
use shared::domain::Invalid;
use shared::http::{Fields, Kind, Problem};
use shared::topics::Topic;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// `{"action": "subscribe", "topic"}`
    Subscribe(Topic),
    /// `{"action": "unsubscribe", "topic"}`
    Unsubscribe(Topic),
    /// `{"action": "ping"}`
    Ping,
}

impl Action {
    /// Reads a message.
    pub(super) fn parse(message: &str) -> Result<Self, Problem> {
        let body: Value = serde_json::from_str(message).map_err(|error| {
            Problem::new(Kind::InvalidJson, format!("The message is not JSON: {error}."))
        })?;
        Fields::read(body, |fields| match fields.required_text("action", known)? {
            "subscribe" => Some(Self::Subscribe(fields.required_text("topic", Topic::parse)?)),
            "unsubscribe" => Some(Self::Unsubscribe(fields.required_text("topic", Topic::parse)?)),
            _ => Some(Self::Ping),
        })
    }
}

fn known(action: &str) -> Result<&'static str, Invalid> {
    let known = ["subscribe", "unsubscribe", "ping"].into_iter().find(|known| *known == action);
    known.ok_or(Invalid::new("must be subscribe, unsubscribe or ping"))
}
