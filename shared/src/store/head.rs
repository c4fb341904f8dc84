//! An item of `orders`: the head, the events of its last commit whole, the
//! requests that it remembers, and the keys of its indexes.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::StoreError;
use super::event::StoredEvent;
use super::idempotency::Ring;
use super::keys::IndexKeys;
use crate::domain::time::Timestamp;
use crate::domain::{
    CustomerReference, DriverId, Event, ExternalId, MerchantId, Metadata, Order, OrderId, Status,
    StoreId, Version, Workflow,
};

/// An order as its head holds it.
#[derive(Clone, Debug)]
pub struct Head {
    /// The order.
    pub order: Order,
    /// The events of its last commit.
    pub events: Vec<Event>,
    /// Which commit wrote it.
    pub(super) commit_id: String,
    pub(super) ring: Ring,
}

/// The attributes of the item, without the keys of its indexes.
#[derive(Debug, Serialize, Deserialize)]
struct HeadItem {
    order_id: OrderId,
    merchant: MerchantId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerReference>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    external_id: Option<ExternalId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
    workflow: String,
    status: String,
    version: Version,
    created_at: Timestamp,
    updated_at: Timestamp,
    status_since: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    driver: Option<DriverId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    events: Vec<StoredEvent>,
    commit_id: String,
    #[serde(default, skip_serializing_if = "Ring::is_empty")]
    requests: Ring,
}

/// The workflow that an item names.
pub(super) fn workflow(name: &str) -> Result<&'static Workflow, StoreError> {
    Workflow::named(name).ok_or_else(|| StoreError::corrupt(format_args!("no workflow {name}")))
}

/// The status that an item names.
pub(super) fn status(workflow: &Workflow, name: &str) -> Result<Status, StoreError> {
    workflow
        .status(name)
        .ok_or_else(|| StoreError::corrupt(format_args!("no status {name} of {}", workflow.name)))
}

impl Head {
    pub(super) fn into_item(
        self,
        shards: u16,
    ) -> Result<HashMap<String, AttributeValue>, StoreError> {
        let mut item: HashMap<_, _> = serde_dynamo::to_item(IndexKeys::of(&self.order, shards))?;
        let attributes: HashMap<_, _> = serde_dynamo::to_item(HeadItem::from(self))?;
        item.extend(attributes);
        Ok(item)
    }

    /// Reads an item of the table.
    pub(super) fn from_item(item: HashMap<String, AttributeValue>) -> Result<Self, StoreError> {
        serde_dynamo::from_item::<_, HeadItem>(item)?.try_into()
    }

    /// Reads an image of the table's stream, in the stream's JSON.
    pub fn from_image(image: serde_json::Value) -> Result<Self, StoreError> {
        let item: serde_dynamo::Item =
            serde_json::from_value(image).map_err(StoreError::corrupt)?;
        serde_dynamo::from_item::<_, HeadItem>(item)?.try_into()
    }
}

impl From<Head> for HeadItem {
    fn from(Head { order, events, commit_id, ring }: Head) -> Self {
        Self {
            order_id: order.id,
            merchant: order.merchant,
            customer: order.customer,
            external_id: order.external_id,
            store: order.store,
            workflow: order.workflow.name.to_owned(),
            status: order.status.to_string(),
            version: order.version,
            created_at: order.created_at,
            updated_at: order.updated_at,
            status_since: order.status_since,
            driver: order.driver,
            metadata: order.metadata.pairs().clone(),
            events: events.iter().map(StoredEvent::from).collect(),
            commit_id,
            requests: ring,
        }
    }
}

impl TryFrom<HeadItem> for Head {
    type Error = StoreError;

    fn try_from(item: HeadItem) -> Result<Self, StoreError> {
        let workflow = workflow(&item.workflow)?;
        let order = Order {
            id: item.order_id,
            merchant: item.merchant,
            customer: item.customer,
            external_id: item.external_id,
            store: item.store,
            workflow,
            status: status(workflow, &item.status)?,
            version: item.version,
            created_at: item.created_at,
            updated_at: item.updated_at,
            status_since: item.status_since,
            driver: item.driver,
            metadata: Metadata::parse(item.metadata).map_err(StoreError::corrupt)?,
        };
        // The events of the last commit end with the head's version.
        let before = (order.version.0)
            .checked_sub(item.events.len() as u64)
            .ok_or_else(|| StoreError::corrupt("more events than versions"))?;
        let events = item.events.into_iter().zip(before + 1..);
        let events = events.map(|(event, version)| event.into_event(Version(version), workflow));
        Ok(Self {
            events: events.collect::<Result<_, _>>()?,
            order,
            commit_id: item.commit_id,
            ring: item.requests,
        })
    }
}
