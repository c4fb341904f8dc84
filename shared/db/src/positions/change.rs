//! Updates of an item `last`.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;

use super::LastPosition;
use super::encoding::{run_to_bytes, stops_to_bytes};
use crate::{DbError, keys};

/// An update of an item `last`. It names each attribute, so that a watch that is set meanwhile stays.
#[derive(Default)]
pub(super) struct Change {
    sets: Vec<String>,
    removes: Vec<String>,
    pub(super) conditions: Vec<&'static str>,
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Change {
    pub(super) fn to(
        after: &LastPosition,
        revision: u64,
        expires_at: Timestamp,
    ) -> Result<Self, DbError> {
        let LastPosition { fix, run, stops, outage, fleet_watched_until, .. } = after;
        let bytes = |bytes: Vec<u8>| AttributeValue::B(Blob::new(bytes));
        let number = |number: String| AttributeValue::N(number);
        let fix = fix.as_ref().map(serde_dynamo::to_attribute_value).transpose()?;
        let stops = (!stops.is_empty()).then(|| bytes(stops_to_bytes(stops)));
        let outage = outage.map(|outage| keys::text(outage.name()));
        let mut change = Self::default();
        change.set("fix", fix);
        change.set("run", Some(bytes(run_to_bytes(run.vehicle, &run.fixes))));
        change.set("stops", stops);
        change.set("outage", outage);
        let fleet_until =
            fleet_watched_until.map(|until| number(until.epoch_seconds().to_string()));
        change.set("fleet_until", fleet_until);
        change.set("rev", Some(number(revision.to_string())));
        change.set("expires_at", Some(number(expires_at.epoch_seconds().to_string())));
        Ok(change)
    }

    /// Makes a change on the condition that the item is as it was read.
    pub(super) fn between(
        read: &LastPosition,
        after: &LastPosition,
        expires_at: Timestamp,
    ) -> Result<Self, DbError> {
        let mut change = Self::to(after, read.revision + 1, expires_at)?;
        if after.erasures != read.erasures {
            change.set("erased", Some(AttributeValue::N(after.erasures.to_string())));
        }
        // An item of an earlier version has no revision yet.
        if read.revision == 0 {
            change.condition("attribute_exists(driver_id) AND attribute_not_exists(rev)");
        } else {
            change.value(":read", AttributeValue::N(read.revision.to_string()));
            change.condition("rev = :read");
        }
        Ok(change)
    }

    /// Sets an attribute, or removes it.
    fn set(&mut self, name: &str, value: Option<AttributeValue>) {
        let Some(value) = value else { return self.remove(name) };
        self.sets.push(format!("#{name} = :{name}"));
        self.names.insert(format!("#{name}"), name.to_owned());
        self.value(&format!(":{name}"), value);
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.removes.push(format!("#{name}"));
        self.names.insert(format!("#{name}"), name.to_owned());
    }

    pub(super) fn value(&mut self, placeholder: &str, value: AttributeValue) {
        self.values.insert(placeholder.to_owned(), value);
    }

    pub(super) fn condition(&mut self, condition: &'static str) {
        self.conditions.push(condition);
    }

    pub(super) fn expression(&self) -> String {
        let set = format!("SET {}", self.sets.join(", "));
        if self.removes.is_empty() {
            set
        } else {
            format!("{set} REMOVE {}", self.removes.join(", "))
        }
    }
}
