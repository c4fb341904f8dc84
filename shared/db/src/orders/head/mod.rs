//! An item of `orders`: the head, the complete events of its last commit, the requests that it
//! remembers, and the keys of its indexes.

use std::collections::{BTreeMap, HashMap};

use clock::Timestamp;
use domain::{
    Basket, Deadline, DriverId, Event, Handover, Issue, Metadata, Offer, Order, OrderId, Placed,
    Stamp, StoreId, Told, Version,
};
use serde::{Deserialize, Serialize};

use super::event::{StoredEvent, status_named};
use super::idempotency::Ring;
use crate::keys::IndexKeys;
use crate::{DbError, Item, keys};

/// An order as stored in its head.
#[derive(Clone, Debug)]
pub struct Head {
    pub order: Order,
    /// The events of the last commit.
    pub events: Vec<Event>,
    pub(super) shard: u16,
    pub(super) commit_id: String,
    pub(super) ring: Ring,
}

/// The attributes of the item, without the keys of its indexes.
#[derive(Debug, Serialize, Deserialize)]
struct HeadItem {
    order_id: OrderId,
    #[serde(flatten)]
    placed: Placed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    store: Option<StoreId>,
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
    /// True if the driver's roster counts the order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    load: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    offer: Option<Offer>,
    #[serde(default, skip_serializing_if = "Told::is_empty")]
    told: Told,
    /// Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    stamps: BTreeMap<Stamp, i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    basket: Option<Basket>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    handover: Option<Handover>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    issues: Vec<Issue>,
    /// True if the details are erased.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    erased: bool,
    /// The time of the deadline, the end of the offer or an escalation of dispatch, whichever comes
    /// first, as the sort key of an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// The time of the deadline, if `due` is a time of the offer. Milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    due_later: Option<i64>,
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

fn time(key: &str) -> Result<Timestamp, DbError> {
    keys::time_of(key).ok_or_else(|| DbError::corrupt(format_args!("no time in {key}")))
}

/// Returns the deadline of an item, of which `due` may be a time of the offer instead.
fn deadline(item: &HeadItem) -> Result<Option<Deadline>, DbError> {
    let due = item.due.as_deref().map(time).transpose()?;
    let at = if is_of_offer(due, item.offer.as_ref()) {
        item.due_later.map(at_millis).transpose()?
    } else {
        due
    };
    Ok(at.map(|at| Deadline { at, rung: item.rung }))
}

/// True if a time is the end of the offer, planned or past.
fn is_of_offer(due: Option<Timestamp>, offer: Option<&Offer>) -> bool {
    let ends = offer.into_iter().flat_map(|offer| [offer.expires_at, offer.ended_at]);
    due.is_some() && ends.into_iter().any(|end| end == due)
}

fn at_millis(millis: i64) -> Result<Timestamp, DbError> {
    Timestamp::from_epoch_millis(millis)
        .ok_or_else(|| DbError::corrupt(format_args!("no time is {millis}")))
}

/// True if a count is 0, which is not stored.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Head {
    pub(super) fn into_item(self) -> Result<Item, DbError> {
        let keys = IndexKeys::of(&self.order, self.shard);
        let mut item: HashMap<_, _> = serde_dynamo::to_item(keys)?;
        let attributes: HashMap<_, _> = serde_dynamo::to_item(HeadItem::from(self))?;
        item.extend(attributes);
        Ok(item)
    }

    /// Parses an item of the table.
    pub(super) fn from_item(item: Item) -> Result<Self, DbError> {
        serde_dynamo::from_item::<_, HeadItem>(item)?.try_into()
    }

    /// Parses an image of the table's stream, in the stream's JSON.
    pub fn from_image(image: serde_json::Value) -> Result<Self, DbError> {
        let item: serde_dynamo::Item = serde_json::from_value(image).map_err(DbError::corrupt)?;
        serde_dynamo::from_item::<_, HeadItem>(item)?.try_into()
    }
}

impl From<Head> for HeadItem {
    fn from(Head { order, events, shard, commit_id, ring }: Head) -> Self {
        let stamps = order.stamps.iter();
        let due = order.due_at();
        let is_of_offer = is_of_offer(due, order.offer.as_ref());
        let deadline = order.deadline.map(|deadline| deadline.at);
        Self {
            order_id: order.id,
            placed: order.placed,
            store: order.store,
            status: order.status.to_string(),
            version: order.version,
            day: keys::day(order.created_at, shard),
            created: keys::at(order.created_at, order.id),
            since: keys::at(order.status_since, order.id),
            driver: order.driver,
            load: order.is_load,
            stamps: stamps.map(|(stamp, at)| (*stamp, at.epoch_millis())).collect(),
            offer: order.offer,
            told: order.told,
            basket: order.basket,
            handover: order.handover,
            issues: order.issues,
            erased: order.is_erased,
            due: due.map(|at| keys::at(at, order.id)),
            due_later: deadline.filter(|_| is_of_offer).map(Timestamp::epoch_millis),
            rung: order.deadline.map_or(0, |deadline| deadline.rung),
            delayed_since: order.delayed_since.map(Timestamp::epoch_millis),
            metadata: order.metadata.pairs().clone(),
            events: events.iter().map(StoredEvent::from).collect(),
            commit_id,
            requests: ring,
        }
    }
}

impl TryFrom<HeadItem> for Head {
    type Error = DbError;

    fn try_from(item: HeadItem) -> Result<Self, DbError> {
        let (workflow, deadline) = (item.placed.workflow, deadline(&item)?);
        let created_at = time(&item.created)?;
        let shard = keys::shard_of(&item.day)
            .ok_or_else(|| DbError::corrupt(format_args!("no shard in {}", item.day)))?;
        let stamps = item.stamps.into_iter().map(|(stamp, at)| Ok((stamp, at_millis(at)?)));
        let order = Order {
            id: item.order_id,
            placed: item.placed,
            store: item.store,
            status: status_named(workflow, &item.status)?,
            version: item.version,
            created_at,
            updated_at: item.events.last().map_or(created_at, StoredEvent::at),
            status_since: time(&item.since)?,
            driver: item.driver,
            is_load: item.load,
            offer: item.offer,
            told: item.told,
            stamps: stamps.collect::<Result<_, DbError>>()?,
            basket: item.basket,
            handover: item.handover,
            issues: item.issues,
            is_erased: item.erased,
            deadline,
            delayed_since: item.delayed_since.map(at_millis).transpose()?,
            metadata: Metadata::stored(item.metadata),
        };
        // The last event of the last commit has the head's version.
        let before = (order.version.0)
            .checked_sub(item.events.len() as u64)
            .ok_or_else(|| DbError::corrupt("more events than versions"))?;
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
