//! The messages to clients.

use clock::Timestamp;
use domain::visibility::{self, EventView, FleetPositionView, OrderView, PositionView};
use domain::{OrderId, type_name};
use http_api::{Cursor, Problem, ProblemBody, ProblemKind};
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use super::messages::Changes;
use crate::describe::{Sample, sample_position};
use crate::positions::Receipt;

/// A message to a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(transform = named_by_type)]
pub enum Frame {
    /// The connection is subscribed to the topic.
    Subscribed(Subscribed),
    /// The connection is no longer subscribed to the topic.
    Unsubscribed {
        /// The topic of the former subscription.
        topic: String,
    },
    /// The response to a `ping`.
    Pong,
    /// Changes of orders. The events of one order are in version order.
    Events(Changes),
    /// The positions of drivers, for subscribers of `order:ID` and of fleets.
    Positions(Positions),
    /// A page of the topic's open orders.
    Snapshot(SnapshotPage),
    /// A page of the open orders that may have entered the topic since shortly before the
    /// subscription.
    Synced(SnapshotPage),
    /// The requested orders, as far as they fit into one message. An order that is in neither list
    /// did not fit; request it again.
    Fetched {
        /// The topic of the request.
        topic: String,
        /// The requested orders that belong to the topic; they can be closed.
        #[schemars(with = "Vec<OrderView<'_>>")]
        orders: Vec<Box<RawValue>>,
        /// The requested orders that do not belong to the topic, or are not visible to the
        /// client.
        gone: Vec<OrderId>,
    },
    /// The response to `positions`: the decision about each fix.
    PositionsReceived(Receipt),
    /// A request was rejected.
    Problem {
        /// The problem (RFC 9457).
        problem: ProblemBody,
        /// The topic of the rejected request; absent if the request named none or could not be
        /// parsed.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
    },
    /// The connection is about to be closed.
    Closing {
        /// The reason for closing it.
        reason: Ending,
    },
}

/// The positions of drivers who have moved. Only the last one counts, so none is repeated or replayed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Positions {
    /// The position for each order whose driver has moved, and for each driver of a fleet.
    #[schemars(with = "Vec<EitherPosition>")]
    pub(crate) positions: Vec<Box<RawValue>>,
}

/// The confirmation of a subscription.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subscribed {
    /// The topic that the connection is subscribed to.
    pub(crate) topic: String,
    /// The time of the subscription, for the `since` of a `recheck`.
    pub(crate) at: Timestamp,
    /// True if every event after the requested `after`, up to the version of `order`, was sent
    /// before this message. If false, none was: continue from `order`. Absent if the request had
    /// no `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovered: Option<bool>,
    /// The current order, for the topic `order:ID`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<OrderView<'_>>")]
    pub(crate) order: Option<Box<RawValue>>,
}

/// A page of a topic's orders.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Page")]
pub struct SnapshotPage {
    /// The topic that the orders belong to.
    pub(crate) topic: String,
    /// The orders of this page: fewer than a full page, even none, if orders have left the topic
    /// meanwhile.
    #[schemars(with = "Vec<OrderView<'_>>")]
    pub(crate) orders: Vec<Box<RawValue>>,
    /// The cursor of the next page; null on the last page.
    pub(crate) next: Option<Cursor>,
}

/// The reason for closing a connection.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The token has expired; reconnect with a new one.
    TokenExpired,
    /// The client kept exceeding the rate limit.
    TooManyMessages,
    /// The client could not be reached and may have missed changes; reconnect and resume.
    NotReached,
}

/// An event with the id of its order.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrderEvent<'a> {
    pub(crate) order_id: OrderId,
    #[serde(flatten)]
    pub(crate) event: EventView<'a>,
}

/// The position of an order's driver.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct OrderPosition {
    pub(crate) order_id: OrderId,
    #[serde(flatten)]
    pub(crate) position: PositionView,
}

/// The position of a driver, for an order or with its fleet.
#[derive(JsonSchema)]
#[schemars(untagged, rename = "LivePosition")]
#[expect(dead_code, reason = "only its schema is used")]
enum EitherPosition {
    Order(OrderPosition),
    Fleet(FleetPositionView),
}

/// Gives each message its own name in the documents.
fn named_by_type(schema: &mut Schema) {
    for message in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = message["properties"]["type"]["const"].as_str().unwrap_or_default();
        message["title"] = format!("{}Message", type_name(name)).into();
    }
}

impl Frame {
    /// Returns an example of every type of message.
    pub(crate) fn examples(sample: &Sample) -> [Self; 11] {
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
        let position = sample_position()
            .map(|(order_id, position)| OrderPosition { order_id, position })
            .and_then(|position| to_raw_value(&position).ok());
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
            Self::Positions(Positions { positions: position.into_iter().collect() }),
            Self::Snapshot(page()),
            Self::Synced(page()),
            Self::Fetched { topic: topic(), orders: orders(), gone: Vec::new() },
            Self::PositionsReceived(Receipt::example()),
            Self::Problem { problem: refused.body(), topic: Some(String::from("orders")) },
            Self::Closing { reason: Ending::TokenExpired },
        ]
    }

    /// Builds the message for a problem, and logs the details that the client does not receive.
    pub fn problem(problem: &Problem, topic: Option<String>) -> Self {
        problem.log();
        Self::Problem { problem: problem.body(), topic }
    }

    /// Serialises the message.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| {
            tracing::error!(error = %error, "a message could not be serialised");
            String::from(r#"{"type":"closing","reason":"internal"}"#)
        })
    }
}
