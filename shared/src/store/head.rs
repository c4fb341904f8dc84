//! An item of `orders`: the head, the events of its last commit whole, the
//! requests that it remembers, and the keys of its indexes.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use super::basket::{StoredBasket, is_zero};
use super::event::{StoredEvent, status_named, workflow_named};
use super::idempotency::Ring;
use super::keys::IndexKeys;
use super::terms::StoredTerms;
use super::{StoreError, keys};
use crate::domain::time::Timestamp;
use crate::domain::{
    CustomerReference, Deadline, DriverId, Event, ExternalId, Handover, Issue, IssueKind,
    MerchantId, Metadata, Order, OrderId, Severity, Stamp, StoreId, Version,
};

/// An order as its head holds it.
#[derive(Clone, Debug)]
pub struct Head {
    /// The order.
    pub order: Order,
    /// The events of its last commit.
    pub events: Vec<Event>,
    /// Which partition of everybody's indexes it is in.
    pub(super) shard: u16,
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
    /// The day of `created_at` and the shard, as the partition key of an index.
    day: String,
    /// `created_at`, as the sort key of indexes.
    created: String,
    /// `status_since`, as the sort key of an index.
    since: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    driver: Option<DriverId>,
    /// Milliseconds since 1970, by the stamp's name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stamps: BTreeMap<String, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basket: Option<StoredBasket>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handover: Option<StoredHandover>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    issues: Vec<StoredIssue>,
    /// Whether the details are erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<StoredTerms>,
    /// The time of the deadline, as the sort key of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// Which rung the deadline is.
    #[serde(default, skip_serializing_if = "is_zero")]
    rung: usize,
    /// Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delayed_since: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    events: Vec<StoredEvent>,
    commit_id: String,
    #[serde(default, skip_serializing_if = "Ring::is_empty")]
    requests: Ring,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredHandover {
    refusals: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused_at: Option<Version>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredIssue {
    id: Version,
    kind: IssueKind,
    severity: Severity,
}

fn stamp((name, millis): (String, i64)) -> Result<(Stamp, Timestamp), StoreError> {
    let stamp = Stamp::named(&name).zip(Timestamp::from_epoch_millis(millis));
    stamp.ok_or_else(|| StoreError::corrupt(format_args!("no stamp {name} at {millis}")))
}

fn time(key: &str) -> Result<Timestamp, StoreError> {
    keys::time_of(key).ok_or_else(|| StoreError::corrupt(format_args!("no time in {key}")))
}

fn deadline(due: &str, rung: usize) -> Result<Deadline, StoreError> {
    Ok(Deadline { at: time(due)?, rung })
}

fn since(millis: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_epoch_millis(millis)
        .ok_or_else(|| StoreError::corrupt(format_args!("no time is {millis}")))
}

impl Head {
    pub(super) fn into_item(self) -> Result<HashMap<String, AttributeValue>, StoreError> {
        let keys = IndexKeys::of(&self.order, self.shard);
        let mut item: HashMap<_, _> = serde_dynamo::to_item(keys)?;
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
    fn from(Head { order, events, shard, commit_id, ring }: Head) -> Self {
        Self {
            order_id: order.id,
            merchant: order.merchant,
            customer: order.customer,
            external_id: order.external_id,
            store: order.store,
            workflow: order.workflow.name.to_owned(),
            status: order.status.to_string(),
            version: order.version,
            day: keys::day(order.created_at, shard),
            created: keys::at(order.created_at, order.id),
            since: keys::at(order.status_since, order.id),
            driver: order.driver,
            stamps: order
                .stamps
                .into_iter()
                .map(|(stamp, at)| (stamp.name().to_owned(), at.epoch_millis()))
                .collect(),
            basket: order.basket.as_ref().map(StoredBasket::from),
            handover: order
                .handover
                .map(|Handover { refusals, refused_at }| StoredHandover { refusals, refused_at }),
            issues: order
                .issues
                .into_iter()
                .map(|Issue { id, kind, severity }| StoredIssue { id, kind, severity })
                .collect(),
            erased: order.is_erased,
            due: order.deadline.map(|deadline| keys::at(deadline.at, order.id)),
            rung: order.deadline.map_or(0, |deadline| deadline.rung),
            delayed_since: order.delayed_since.map(Timestamp::epoch_millis),
            terms: StoredTerms::of(&order.terms),
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
        let shard = keys::shard_of(&item.day)
            .ok_or_else(|| StoreError::corrupt(format_args!("no shard in {}", item.day)))?;
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
            stamps: item.stamps.into_iter().map(stamp).collect::<Result<_, _>>()?,
            basket: item.basket.map(StoredBasket::into_basket).transpose()?,
            handover: item
                .handover
                .map(|StoredHandover { refusals, refused_at }| Handover { refusals, refused_at }),
            issues: item
                .issues
                .into_iter()
                .map(|StoredIssue { id, kind, severity }| Issue { id, kind, severity })
                .collect(),
            is_erased: item.erased,
            terms: item.terms.map(|it| it.into_terms(workflow)).transpose()?.unwrap_or_default(),
            deadline: item.due.map(|due| deadline(&due, item.rung)).transpose()?,
            delayed_since: item.delayed_since.map(since).transpose()?,
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
            shard,
            commit_id: item.commit_id,
            ring: item.requests,
        })
    }
}

#[cfg(test)]
mod tests;
