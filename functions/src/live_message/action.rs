//! The messages of clients.

use serde_json::{Value, json};
use shared::domain::Invalid;
use shared::http::{self, Fields, Form, Problem};
use shared::topics::Topic;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Action {
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
            Problem::new(http::Kind::InvalidJson, format!("The message is not JSON: {error}."))
        })?;
        Fields::read(body, Self::read)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        match fields.tag("action", Kind::parse) {
            Some(Kind::Subscribe) => topic(fields).map(Self::Subscribe),
            Some(Kind::Unsubscribe) => topic(fields).map(Self::Unsubscribe),
            Some(Kind::Ping) => Some(Self::Ping),
            None => {
                fields.text("topic", Topic::parse);
                None
            }
        }
    }

    /// Every action: its name, an example, and what it may hold.
    pub(crate) fn describe() -> [(&'static str, Value, Result<Form, Problem>); 3] {
        let topic = "merchant:green-grocer";
        [
            ("subscribe", json!({ "action": "subscribe", "topic": topic })),
            ("unsubscribe", json!({ "action": "unsubscribe", "topic": topic })),
            ("ping", json!({ "action": "ping" })),
        ]
        .map(|(name, example)| (name, example.clone(), Fields::describe(example, Self::read)))
    }
}

fn topic(fields: &mut Fields<'_>) -> Option<Topic> {
    fields.required_text("topic", Topic::parse)
}

/// The word that says what is asked for.
enum Kind {
    Subscribe,
    Unsubscribe,
    Ping,
}

impl Kind {
    fn parse(action: &str) -> Result<Self, Invalid> {
        match action {
            "subscribe" => Ok(Self::Subscribe),
            "unsubscribe" => Ok(Self::Unsubscribe),
            "ping" => Ok(Self::Ping),
            _ => Err(Invalid::new("must be subscribe, unsubscribe or ping")),
        }
    }
}
