//! The messages from clients.

use clock::Timestamp;
use domain::topics::Topic;
use domain::{Filter, Invalid, OrderId, Version};
use http_api::{self, Cursor, Fields, Form, MAX_EXACT, Problem};
use serde_json::{Value, json};

use crate::positions::{self, Upload};

/// The maximum number of orders in one `fetch`: the limit of one batch read of the table.
pub(super) const MAX_FETCHED: usize = 100;

/// A message from a client.
#[derive(Debug, PartialEq)]
pub(crate) enum ClientMessage {
    /// `{"action": "subscribe", "topic", "after"?}`
    Subscribe(Topic, Option<Version>),
    /// `{"action": "unsubscribe", "topic"}`
    Unsubscribe(Topic),
    /// `{"action": "snapshot", "topic", "cursor"?}`
    Snapshot(Listed, Option<Cursor>),
    /// `{"action": "recheck", "topic", "since", "cursor"?}`
    Recheck(Listed, Timestamp, Option<Cursor>),
    /// `{"action": "fetch", "topic", "orders"}`
    Fetch(Topic, Vec<OrderId>),
    /// `{"action": "positions", "fixes", "outage"?}`
    Positions(Upload),
    /// `{"action": "ping"}`
    Ping,
}

/// A topic of several orders or drivers, and the filter for its open orders.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(super) topic: Topic,
    /// `None` for a fleet, which has no orders.
    pub(super) filter: Option<Filter>,
}

impl Listed {
    fn of(topic: Topic) -> Result<Self, Invalid> {
        let one = "must be a topic of several orders; for order:ID, `subscribed` already contains \
                   the order";
        let filter = topic.open_orders();
        if matches!(topic, Topic::Order(_)) {
            Err(Invalid::new(one))
        } else {
            Ok(Self { topic, filter })
        }
    }
}

impl ClientMessage {
    /// Parses a message.
    pub(super) fn parse(message: &str) -> Result<Self, Problem> {
        let body: Value = http_api::json::parse(message.as_bytes()).map_err(|error| {
            Problem::new(
                http_api::ProblemKind::InvalidJson,
                format!("The message is not valid JSON: {error}."),
            )
        })?;
        Fields::read(body, Self::read)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let kind = fields.tag("action", MessageType::parse);
        match kind {
            Some(MessageType::Ping) => return Some(Self::Ping),
            Some(MessageType::Positions) => return Some(Self::Positions(Upload::read(fields))),
            _ => {}
        }
        let topic = fields.required_text("topic", Topic::parse);
        match kind? {
            MessageType::Subscribe => subscribe(fields, topic),
            MessageType::Unsubscribe => topic.map(Self::Unsubscribe),
            MessageType::Snapshot => {
                let cursor = cursor(fields);
                Some(Self::Snapshot(listed(fields, topic?)?, cursor))
            }
            MessageType::Recheck => {
                let (since, cursor) =
                    (fields.required_text("since", http_api::time), cursor(fields));
                Some(Self::Recheck(listed(fields, topic?)?, since?, cursor))
            }
            MessageType::Fetch => {
                let orders = fields.required_texts("orders", 1..=MAX_FETCHED, OrderId::parse);
                Some(Self::Fetch(listed(fields, topic?)?.topic, orders?))
            }
            MessageType::Positions | MessageType::Ping => None,
        }
    }

    /// Returns the topic that the message names.
    pub(super) fn topic(&self) -> Option<&Topic> {
        match self {
            Self::Subscribe(topic, _) | Self::Unsubscribe(topic) | Self::Fetch(topic, _) => {
                Some(topic)
            }
            Self::Snapshot(listed, _) | Self::Recheck(listed, ..) => Some(&listed.topic),
            Self::Positions(_) | Self::Ping => None,
        }
    }

    /// Describes every action: its name, an example, and the form of its message.
    pub(crate) fn describe() -> [(&'static str, Value, Result<Form, Problem>); 7] {
        let topic = "merchant:green-grocer";
        let order = "0195b3c0-7b1e-7000-8000-0123456789ab";
        let since = "2026-11-21T09:30:00.000Z";
        let of_one = format!("order:{order}");
        [
            ("subscribe", json!({ "action": "subscribe", "topic": of_one, "after": 7 })),
            ("unsubscribe", json!({ "action": "unsubscribe", "topic": topic })),
            ("snapshot", json!({ "action": "snapshot", "topic": topic })),
            ("recheck", json!({ "action": "recheck", "topic": topic, "since": since })),
            ("fetch", json!({ "action": "fetch", "topic": topic, "orders": [order] })),
            ("positions", json!({ "action": "positions", "fixes": [positions::example_fix()] })),
            ("ping", json!({ "action": "ping" })),
        ]
        .map(|(name, example)| (name, example.clone(), Fields::describe(example, Self::read)))
    }
}

fn subscribe(fields: &mut Fields<'_>, topic: Option<Topic>) -> Option<ClientMessage> {
    let after = fields.integer("after", 0, MAX_EXACT);
    let (after, topic) = (after.and_then(|version| version.try_into().ok()).map(Version), topic?);
    if after.is_some() && !matches!(topic, Topic::Order(_)) {
        fields.wrong("after", "is only for order:ID topics; request a snapshot for other topics");
        return None;
    }
    Some(ClientMessage::Subscribe(topic, after))
}

fn listed(fields: &mut Fields<'_>, topic: Topic) -> Option<Listed> {
    Listed::of(topic).map_err(|Invalid(detail)| fields.wrong("topic", detail)).ok()
}

fn cursor(fields: &mut Fields<'_>) -> Option<Cursor> {
    fields.text("cursor", |text| Ok(Cursor::new(text)))
}

/// The value of `action`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum MessageType {
    Subscribe,
    Unsubscribe,
    Snapshot,
    Recheck,
    Fetch,
    Positions,
    Ping,
}

impl MessageType {
    fn parse(action: &str) -> Result<Self, Invalid> {
        match action {
            "subscribe" => Ok(Self::Subscribe),
            "unsubscribe" => Ok(Self::Unsubscribe),
            "snapshot" => Ok(Self::Snapshot),
            "recheck" => Ok(Self::Recheck),
            "fetch" => Ok(Self::Fetch),
            "positions" => Ok(Self::Positions),
            "ping" => Ok(Self::Ping),
            _ => Err(Invalid::new(
                "must be subscribe, unsubscribe, snapshot, recheck, fetch, positions or ping",
            )),
        }
    }
}
