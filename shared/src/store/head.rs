//! An item of `orders`: the head, the events of its last commit whole, the
//! requests that it remembers, and the keys of its indexes.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::event::{StoredEvent, status_named, workflow_named};
use super::idempotency::Ring;
use super::keys::IndexKeys;
use super::{StoreError, keys};
use crate::domain::time::Timestamp;
use crate::domain::{
    CustomerReference, DriverId, Event, ExternalId, MerchantId, Metadata, Order, OrderId, StoreId,
    Version,
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
    /// `created_at`, as the sort key of indexes.
    created: String,
    /// `status_since`, as the sort key of an index.
    since: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    driver: Option<DriverId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    events: Vec<StoredEvent>,
    commit_id: String,
    #[serde(default, skip_serializing_if = "Ring::is_empty")]
    requests: Ring,
}

fn time(key: &str) -> Result<Timestamp, StoreError> {
    keys::time_of(key).ok_or_else(|| StoreError::corrupt(format_args!("no time in {key}")))
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
            created: keys::at(order.created_at, order.id),
            since: keys::at(order.status_since, order.id),
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
        let workflow = workflow_named(&item.workflow)?;
        let created_at = time(&item.created)?;
        let order = Order {
            id: item.order_id,
            merchant: item.merchant,
            customer: item.customer,
            external_id: item.external_id,
            store: item.store,
            workflow,
            status: status_named(workflow, &item.status)?,
            version: item.version,
            created_at,
            updated_at: item.events.last().map_or(created_at, StoredEvent::at),
            status_since: time(&item.since)?,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        Command, Context, NewOrder, Party, Principal, PrincipalId, Workflow, create, decide, fold,
    };
    use crate::store::idempotency::{Digest, KeyedRequest};

    /// The bytes of an item as DynamoDB counts them
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>).
    fn bytes(item: &HashMap<String, AttributeValue>) -> usize {
        item.iter().map(|(name, value)| name.len() + value_bytes(value)).sum()
    }

    fn value_bytes(value: &AttributeValue) -> usize {
        match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(number) => number.len().div_ceil(2) + 1,
            AttributeValue::L(list) => {
                3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<usize>()
            }
            AttributeValue::M(map) => 3 + map.len() + bytes(map),
            other => panic!("a head has no {other:?}"),
        }
    }

    fn reference_head() -> Head {
        let at = Timestamp::parse("2026-11-21T09:30:00.000Z").unwrap();
        let principal = Principal {
            id: PrincipalId::parse("3f1c9a52-8d0e-4a7b-9c61-5b2e7f4d1a90").unwrap(),
            party: Party::Ops,
        };
        let context = Context { now: at, principal: &principal };
        let order = NewOrder {
            merchant: MerchantId::parse("blue-bakery").unwrap(),
            customer: Some(CustomerReference::parse("customer-1042").unwrap()),
            external_id: None,
            store: None,
            workflow: Workflow::DEFAULT,
            metadata: Metadata::default(),
        };
        let id = OrderId::parse("0195b3c0-7b1e-7000-8000-0123456789ab").unwrap();
        let mut events = create(order, &context).unwrap();
        let order = fold(id, &events).unwrap();
        let driver = DriverId::parse("9b0d6c2e-1f47-4e83-a5d0-c7e2f8b6a431").unwrap();
        events = decide(&order, Command::Assign { driver }, &context).unwrap();
        let digest = Digest::of([&b"key"[..]]);
        let request = KeyedRequest { key: digest.clone(), body: digest };
        let head =
            Head { order, events: Vec::new(), commit_id: String::new(), ring: Ring::default() };
        head.after(events, &"x".repeat(36), Some(&request))
    }

    #[test]
    fn the_reference_head_is_under_a_kilobyte() {
        let size = bytes(&reference_head().into_item(1).unwrap());
        println!("the reference order's head, assigned under a key: {size} bytes");
        assert!(size < 1024, "{size}");
    }

    #[test]
    fn an_item_reads_back_as_it_was() {
        let head = reference_head();
        let item = head.clone().into_item(1).unwrap();
        let read = Head::from_item(item).unwrap();
        assert_eq!((read.order, read.events), (head.order, head.events));
        assert_eq!((read.commit_id, read.ring), (head.commit_id, head.ring));
    }
}
