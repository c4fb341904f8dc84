//! The body of a message.

use clock::Timestamp;
use domain::visibility::{EventView, OrderView, Sight};
use domain::webhooks::{Endpoint, EventType};
use domain::{Event, Order, WebhookId, fold};
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::describe::Sample;

/// The message about an event. It is the same in every attempt, whatever happened since.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookMessage")]
pub(crate) struct Message<'a> {
    #[serde(rename = "type")]
    event_type: EventType,
    /// The time of the event.
    timestamp: Timestamp,
    data: Data<'a>,
}

/// The event, and the order right after it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookData")]
struct Data<'a> {
    event: EventView<'a>,
    /// The order as of the event, without personal details. A later message has a higher
    /// `version`.
    order: OrderView<'a>,
}

impl<'a> Message<'a> {
    /// Returns the message about the last event of `order`, which is the order as of the event, as
    /// the endpoint sees it; `None` if it did not see the order then.
    pub(crate) fn of(endpoint: &Endpoint, order: &'a Order, event: &'a Event) -> Option<Self> {
        let sight = Sight::of(&endpoint.principal(), order, std::slice::from_ref(event))?;
        Some(Self::seen(&sight, order, event))
    }

    fn seen(sight: &Sight, order: &'a Order, event: &'a Event) -> Self {
        Self {
            event_type: EventType::of(&event.data),
            timestamp: event.at,
            data: Data { event: sight.event(event), order: sight.order(order, None) },
        }
    }
}

/// Describes the messages as the `webhooks` of the `OpenAPI` document.
pub(crate) fn describe(generator: &mut SchemaGenerator) -> Value {
    let header = |name: &str, about: &str| {
        let schema = json!({ "type": "string" });
        json!({ "name": name, "in": "header", "required": true, "description": about, "schema": schema })
    };
    let schemas =
        [generator.subschema_for::<Message<'_>>(), generator.subschema_for::<TestMessage<'_>>()];
    json!({ "message": { "post": {
        "operationId": "receiveMessage",
        "tags": ["Webhooks"],
        "summary": "Receive a message",
        "description": "A message by the specification Standard Webhooks, posted to the `url` of a \
                        webhook. Any status from 200 to 299 accepts it. It can come twice, and \
                        later than a newer one.",
        "security": [],
        "parameters": [
            header("webhook-id", "The message's id, the same in every attempt."),
            header("webhook-timestamp", "The time of the attempt, in seconds since 1970."),
            header("webhook-signature", "The signatures, with spaces between them."),
        ],
        "requestBody": {
            "required": true,
            "content": { "application/json": { "schema": { "oneOf": schemas }, "example": example() } },
        },
        "responses": {
            "2XX": { "description": "The message is accepted." },
            "410": { "description": "The webhook is disabled." },
            "default": { "description": "The message is sent again later." },
        },
    }}})
}

/// Returns the message about the first event of the sample order.
pub(crate) fn example() -> Option<Value> {
    let Sample { principal, order, events, .. } = Sample::new()?;
    let first = events.first()?;
    let then = fold(order.id, std::slice::from_ref(first)).ok()?;
    let sight = Sight::of(&principal, &then, std::slice::from_ref(first))?;
    Some(json!(Message::seen(&sight, &then, first)))
}

/// The message with which an owner tries an endpoint.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTest")]
pub(crate) struct TestMessage<'a> {
    #[serde(rename = "type")]
    event_type: TestType,
    /// The time of the request for the test.
    timestamp: Timestamp,
    data: TestData<'a>,
}

#[derive(Serialize, JsonSchema)]
enum TestType {
    #[serde(rename = "webhook.test")]
    Test,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTestData")]
struct TestData<'a> {
    webhook: &'a WebhookId,
}

impl<'a> TestMessage<'a> {
    pub(crate) const fn of(endpoint: &'a Endpoint, timestamp: Timestamp) -> Self {
        let data = TestData { webhook: &endpoint.id };
        Self { event_type: TestType::Test, timestamp, data }
    }
}
