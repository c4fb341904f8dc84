//! The orders that a client holds.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::message::{self, Order};

/// Orders by id, each in the newest version received.
#[derive(Debug, Default)]
pub(super) struct Held {
    orders: BTreeMap<String, Value>,
    /// The dropped orders, each with its last version here. A message with the same or an older
    /// version was sent earlier, and arrived late.
    tombstones: HashMap<String, u64>,
}

impl Held {
    pub(super) fn orders(&self) -> &BTreeMap<String, Value> {
        &self.orders
    }

    /// Returns the version of this order that is held.
    pub(super) fn version(&self, id: &str) -> Option<u64> {
        self.orders.get(id).and_then(message::version)
    }

    /// Holds the order if it is newer than the known version, and returns true if so.
    pub(super) fn take(&mut self, order: &Order) -> bool {
        let known = self.version(&order.id).max(self.tombstones.get(&order.id).copied());
        let is_newer = known.is_none_or(|known| known < order.version);
        if is_newer {
            self.orders.insert(order.id.clone(), order.body.clone());
        }
        is_newer
    }

    /// Drops the order unless a newer version of it is held; returns true if it was held.
    pub(super) fn drop(&mut self, id: &str, version: u64) -> bool {
        if self.version(id).is_some_and(|held| held > version) {
            return false;
        }
        let tombstone = self.tombstones.entry(id.to_owned()).or_default();
        *tombstone = version.max(*tombstone);
        self.orders.remove(id).is_some()
    }

    /// Forgets the dropped orders: on a new connection no message arrives late.
    pub(super) fn forget_the_dropped(&mut self) {
        self.tombstones.clear();
    }

    /// Holds this version of the order, even if it is older than the held one.
    pub(super) fn replace(&mut self, order: &Order) {
        self.tombstones.remove(&order.id);
        self.orders.insert(order.id.clone(), order.body.clone());
    }
}
