//! The view of an event.

mod data;

use clock::Timestamp;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::Value;

use self::data::DataView;
use super::{Sight, reads_notes};
use crate::{
    Event, EventData, Message, Metadata, Note, Order, Principal, PrincipalId, Role, Status,
    Version, type_name,
};

/// An event as one principal sees it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event", transform = one_object_a_type)]
pub struct EventView<'a> {
    /// Counts the order's events: 1, 2, 3 … without a gap.
    version: Version,
    #[serde(flatten)]
    data: DataView<'a>,
    /// The order's status after the event.
    status: Status,
    /// The order's status before the event; null for the first event.
    previous_status: Option<Status>,
    /// The time of the event.
    at: Timestamp,
    actor: ActorView<'a>,
    /// A note, visible to operations, support and the merchant.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a Note>,
    /// A message, visible to everyone who can see the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    metadata: &'a Metadata,
}

/// Returns the view that `principal` has of an `event` of `order`, the current order; `None` if
/// the principal does not see the order now.
pub fn event<'a>(principal: &Principal, order: &Order, event: &'a Event) -> Option<EventView<'a>> {
    let sight = Sight::of(principal, order, std::slice::from_ref(event))?;
    Some(sight.event(event))
}

impl Sight {
    /// Returns the view of an event, one of those that the sight was made of.
    pub fn event<'a>(&self, event: &'a Event) -> EventView<'a> {
        let notes = reads_notes(self.role);
        let is_own = self.own.contains(&event.version);
        // The driver who declines an offer is for the operation alone, as the event's `driver` is.
        let reads_id = match event.data {
            EventData::OfferDeclined { .. } => notes,
            _ => self.reads_ids(event.actor.role),
        };
        EventView {
            version: event.version,
            data: DataView::of(event, self, is_own),
            status: event.status,
            previous_status: event.previous_status,
            at: event.at,
            actor: ActorView {
                role: event.actor.role,
                id: Some(&event.actor.id).filter(|_| is_own || reads_id),
            },
            note: event.note.as_ref().filter(|_| notes),
            message: event.message.as_ref().filter(|_| !self.is_offered),
            metadata: if self.is_offered { Metadata::EMPTY } else { &event.metadata },
        }
    }
}

/// The role in which the actor acted, and the actor's id. Customers see only their own id, as drivers
/// do to whom the order is offered; other drivers see no customer's.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Actor")]
struct ActorView<'a> {
    /// The role in which the actor acted.
    role: Role,
    /// The id of the person or component. Customers see only their own; drivers see no customer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a PrincipalId>,
}

/// Writes each type of event as a complete object schema with its own title, for generated
/// clients.
fn one_object_a_type(schema: &mut Schema) {
    let common = (schema.remove("properties"), schema.remove("required"));
    let (Some(Value::Object(properties)), Some(Value::Array(required))) = common else { return };
    schema.remove("type");
    for kind in schema.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten() {
        let name = kind["properties"]["type"]["const"].as_str().unwrap_or_default();
        let name = type_name(name);
        kind["title"] = format!("{name}Event").into();
        if let Some(data) = kind["properties"].get_mut("data").filter(|it| it.get("type").is_some())
        {
            data["title"] = format!("{name}Data").into();
        }
        if let Some(own) = kind["properties"].as_object_mut() {
            own.extend(properties.clone());
        }
        if let Some(own) = kind["required"].as_array_mut() {
            own.extend(required.clone());
        }
    }
}
