//! An event as it is stored: whole in history, and in the head of its commit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StoreError;
use super::idempotency::KeyedRequest;
use crate::domain::time::Timestamp;
use crate::domain::{
    Actor, Created, CustomerReference, DriverId, Event, EventData, ExternalId, MerchantId, Message,
    Metadata, Note, OrderId, Reason, Status, StoreId, Version, Workflow,
};

/// An item of `order-history`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HistoryItem {
    pub(super) order_id: OrderId,
    pub(super) version: Version,
    /// Which commit wrote it.
    pub(super) commit_id: String,
    /// The request that made the commit which ends with this event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<KeyedRequest>,
    pub(super) event: StoredEvent,
}

/// The workflow that an item names.
pub(super) fn workflow_named(name: &str) -> Result<&'static Workflow, StoreError> {
    Workflow::named(name).ok_or_else(|| StoreError::corrupt(format_args!("no workflow {name}")))
}

/// The status that an item names.
pub(super) fn status_named(workflow: &Workflow, name: &str) -> Result<Status, StoreError> {
    workflow
        .status(name)
        .ok_or_else(|| StoreError::corrupt(format_args!("no status {name} of {}", workflow.name)))
}

/// An event without its version, which its place tells.
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
    data: StoredData,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum StoredData {
    Created {
        merchant: MerchantId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerReference>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_id: Option<ExternalId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<StoreId>,
        workflow: String,
    },
    StatusChanged,
    DriverAssigned {
        driver: DriverId,
    },
    DriverUnassigned {
        driver: DriverId,
        reason: Reason,
    },
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
            data: (&event.data).into(),
        }
    }
}

impl From<&EventData> for StoredData {
    fn from(data: &EventData) -> Self {
        match data {
            EventData::Created(created) => Self::Created {
                merchant: created.merchant.clone(),
                customer: created.customer.clone(),
                external_id: created.external_id.clone(),
                store: created.store.clone(),
                workflow: created.workflow.name.to_owned(),
            },
            EventData::StatusChanged => Self::StatusChanged,
            EventData::DriverAssigned { driver } => Self::DriverAssigned { driver: driver.clone() },
            EventData::DriverUnassigned { driver, reason } => {
                Self::DriverUnassigned { driver: driver.clone(), reason: reason.clone() }
            }
        }
    }
}

impl StoredEvent {
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// The event that stands here as `version` of an order that follows `workflow`.
    pub(super) fn into_event(
        self,
        version: Version,
        workflow: &'static Workflow,
    ) -> Result<Event, StoreError> {
        let previous = self.previous_status.map(|name| status_named(workflow, &name));
        Ok(Event {
            version,
            status: status_named(workflow, &self.status)?,
            previous_status: previous.transpose()?,
            at: self.at,
            actor: self.actor,
            note: self.note,
            message: self.message,
            metadata: Metadata::parse(self.metadata).map_err(StoreError::corrupt)?,
            data: self.data.into_data()?,
        })
    }
}

impl StoredData {
    fn into_data(self) -> Result<EventData, StoreError> {
        Ok(match self {
            Self::Created { merchant, customer, external_id, store, workflow } => {
                let workflow = workflow_named(&workflow)?;
                let created = Created { merchant, customer, external_id, store, workflow };
                EventData::Created(Box::new(created))
            }
            Self::StatusChanged => EventData::StatusChanged,
            Self::DriverAssigned { driver } => EventData::DriverAssigned { driver },
            Self::DriverUnassigned { driver, reason } => {
                EventData::DriverUnassigned { driver, reason }
            }
        })
    }
}
