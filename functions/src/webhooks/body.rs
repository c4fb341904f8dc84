//! The body of a message.

use clock::Timestamp;
use domain::visibility::{EventView, OrderView, Sight};
use domain::webhooks::{Endpoint, EventType};
use domain::{Event, Order, WebhookId};
use schemars::JsonSchema;
use serde::Serialize;

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
        Some(Self {
            event_type: EventType::of(&event.data),
            timestamp: event.at,
            data: Data { event: sight.event(event), order: sight.order(order, None) },
        })
    }
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
