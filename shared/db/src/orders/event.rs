//! The stored form of an event, complete in history and in the head of its commit.

use std::collections::BTreeMap;

use clock::Timestamp;
use domain::{
    Actor, Event, EventData, Message, Metadata, Note, OrderId, Status, Version, Workflow,
};
use serde::{Deserialize, Serialize};

use super::idempotency::KeyedRequest;
use crate::DbError;

/// An item of `order-history`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HistoryItem {
    pub(super) order_id: OrderId,
    pub(super) version: Version,
    pub(super) commit_id: String,
    /// The request that made the commit; only on the commit's last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<KeyedRequest>,
    pub(super) event: StoredEvent,
}

/// Returns the workflow's status with this name.
pub(super) fn status_named(workflow: &Workflow, name: &str) -> Result<Status, DbError> {
    workflow
        .status(name)
        .ok_or_else(|| DbError::corrupt(format_args!("no status {name} of {}", workflow.name)))
}

/// An event without its version, which follows from its position.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredEvent {
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_status: Option<String>,
    at: Timestamp,
    actor: Actor,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Note>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    data: EventData,
}

impl From<&Event> for StoredEvent {
    fn from(event: &Event) -> Self {
        Self {
            status: event.status.to_string(),
            previous_status: event.previous_status.map(|status| status.to_string()),
            at: event.at,
            actor: event.actor.clone(),
            note: event.note.clone(),
            message: event.message.clone(),
            metadata: event.metadata.pairs().clone(),
            data: event.data.clone(),
        }
    }
}

impl StoredEvent {
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// Returns the actor, if the event changed the order's status.
    pub(super) fn mover(self) -> Option<Actor> {
        (self.previous_status.as_deref() != Some(&self.status)).then_some(self.actor)
    }

    /// Returns the workflow of the order that begins with this event.
    pub(super) fn workflow(&self) -> Result<&'static Workflow, DbError> {
        if let EventData::Created(created) = &self.data {
            return Ok(created.placed.workflow);
        }
        Err(DbError::corrupt("the history does not start with the event `created`"))
    }

    /// Returns the event as `version` of an order with this `workflow`.
    pub(super) fn into_event(
        self,
        version: Version,
        workflow: &'static Workflow,
    ) -> Result<Event, DbError> {
        let previous = self.previous_status.map(|name| status_named(workflow, &name));
        Ok(Event {
            version,
            status: status_named(workflow, &self.status)?,
            previous_status: previous.transpose()?,
            at: self.at,
            actor: self.actor,
            note: self.note,
            message: self.message,
            metadata: Metadata::stored(self.metadata),
            data: self.data,
        })
    }
}
