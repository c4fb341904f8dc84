//! An event as it is seen.

use serde::Serialize;
use serde_json::{Value, json};

use super::{reads_notes, sees};
use crate::domain::time::Timestamp;
use crate::domain::{
    Actor, Created, CustomerReference, Event, EventData, ExternalId, MerchantId, Message, Metadata,
    Note, Order, Principal, Status, StoreId, Version,
};

/// An event as one principal sees it.
#[derive(Debug, Serialize)]
pub struct EventView<'a> {
    version: Version,
    #[serde(rename = "type")]
    kind: &'static str,
    status: Status,
    previous_status: Option<Status>,
    at: Timestamp,
    actor: &'a Actor,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a Note>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a Message>,
    metadata: &'a Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

/// What `principal` sees of an `event` of `order`, the order as it is now:
/// nothing if the order is not theirs now.
pub fn event<'a>(principal: &Principal, order: &Order, event: &'a Event) -> Option<EventView<'a>> {
    if !sees(principal, order) {
        return None;
    }
    let notes = reads_notes(principal.role());
    let (kind, data) = data(&event.data, notes);
    Some(EventView {
        version: event.version,
        kind,
        status: event.status,
        previous_status: event.previous_status,
        at: event.at,
        actor: &event.actor,
        note: event.note.as_ref().filter(|_| notes),
        message: event.message.as_ref(),
        metadata: &event.metadata,
        data,
    })
}

/// The event's type and what is shown of its data.
fn data(data: &EventData, notes: bool) -> (&'static str, Option<Value>) {
    match data {
        EventData::Created(created) => ("created", Some(json!(CreatedView::of(created)))),
        EventData::StatusChanged => ("status_changed", None),
        EventData::DriverAssigned { driver } => {
            ("driver_assigned", Some(json!({ "driver": driver })))
        }
        EventData::DriverUnassigned { driver, reason } if notes => {
            ("driver_unassigned", Some(json!({ "driver": driver, "reason": reason })))
        }
        EventData::DriverUnassigned { driver, .. } => {
            ("driver_unassigned", Some(json!({ "driver": driver })))
        }
    }
}

#[derive(Serialize)]
struct CreatedView<'a> {
    merchant: &'a MerchantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a CustomerReference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<&'a ExternalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a StoreId>,
    workflow: &'static str,
}

impl<'a> CreatedView<'a> {
    fn of(created: &'a Created) -> Self {
        Self {
            merchant: &created.merchant,
            customer: created.customer.as_ref(),
            external_id: created.external_id.as_ref(),
            store: created.store.as_ref(),
            workflow: created.workflow.name,
        }
    }
}
