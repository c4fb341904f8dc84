//! The orders that a client holds.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::message::{self, Order};

/// Orders by their ids, each in the newest version that was heard of.
#[derive(Debug, Default)]
pub(super) struct Held {
    orders: BTreeMap<String, Value>,
    /// Those dropped, with the version that they ended with here: what is no newer was
    /// sent before, and comes late.
    tombstones: HashMap<String, u64>,
}

impl Held {
    pub(super) fn orders(&self) -> &BTreeMap<String, Value> {
        &self.orders
    }

    /// The version that is held of this order.
    pub(super) fn version(&self, id: &str) -> Option<u64> {
        self.orders.get(id).and_then(message::version)
    }

    /// Holds the order if it is newer than what is known of it; whether it is.
    pub(super) fn take(&mut self, order: &Order) -> bool {
        let known = self.version(&order.id).max(self.tombstones.get(&order.id).copied());
        let is_newer = known.is_none_or(|known| known < order.version);
        if is_newer {
            self.orders.insert(order.id.clone(), order.body.clone());
        }
        is_newer
    }

    /// Drops the order, unless a newer version of it is held; whether it was held.
    pub(super) fn drop(&mut self, id: &str, version: u64) -> bool {
        if self.version(id).is_some_and(|held| held > version) {
            return false;
        }
        let tombstone = self.tombstones.entry(id.to_owned()).or_default();
        *tombstone = version.max(*tombstone);
        self.orders.remove(id).is_some()
    }

    /// On a new connection nothing comes late any more.
    pub(super) fn forget_the_dropped(&mut self) {
        self.tombstones.clear();
    }

    /// Holds this version of the order, be it older than what was held.
    pub(super) fn replace(&mut self, order: &Order) {
        self.tombstones.remove(&order.id);
        self.orders.insert(order.id.clone(), order.body.clone());
    }
}
