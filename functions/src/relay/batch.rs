//! A batch of the stream.

use std::collections::HashMap;

use db::{DbError, Head};
use domain::{OrderId, Version};
use serde::Deserialize;
use serde_json::Value;

use crate::live::broadcast::Change;

/// What is read of each order that a batch names, or why it is not.
pub(super) type Heads = HashMap<OrderId, Result<Head, DbError>>;

/// The records of a batch, read one by one: one that does not read must not take the
/// others with it.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// Each with its place in the batch.
    pub(super) changes: Vec<(usize, Change)>,
    pub(super) unreadable: Vec<Unreadable>,
}

/// A record that there is nothing to be done with.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Its place in the batch.
    pub(super) place: usize,
    /// Why it does not read; for operators.
    pub(super) reason: String,
}

/// The part of a record that the relay reads.
#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: StreamRecord,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamRecord {
    old_image: Option<Value>,
    new_image: Option<Value>,
}

impl Batch {
    /// Reads records. A version that comes again, or after a later one, says nothing new.
    pub(super) fn read(records: &[Value]) -> Self {
        let mut batch = Self::default();
        let mut newest: HashMap<OrderId, Version> = HashMap::new();
        for (place, record) in records.iter().enumerate() {
            match read(record) {
                Ok(Some(change)) => {
                    let last = newest.entry(change.order_id()).or_insert(Version(0));
                    if change.version() > *last {
                        *last = change.version();
                        batch.changes.push((place, change));
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    batch.unreadable.push(Unreadable { place, reason: error.to_string() });
                }
            }
        }
        batch
    }

    pub(super) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().map(|(_, change)| change)
    }

    /// Sets those changes aside whose orders, as they are now, do not read.
    pub(super) fn set_aside(&mut self, heads: &Heads) {
        let Self { changes, unreadable } = self;
        changes.retain(|(place, change)| {
            let Some(Err(error)) = heads.get(&change.order_id()) else { return true };
            let reason = format!("cannot read the current order: {error}");
            unreadable.push(Unreadable { place: *place, reason });
            false
        });
    }
}

/// The commit that a record tells of; none if no commit made it, such as an operator's
/// deletion of a head, or a write that changed nothing.
fn read(record: &Value) -> Result<Option<Change>, DbError> {
    let corrupt = |error: serde_json::Error| DbError::Corrupt(error.to_string());
    let record = Record::deserialize(record).map_err(corrupt)?;
    let StreamRecord { old_image, new_image } = record.dynamodb;
    let Some(new) = new_image else { return Ok(None) };
    let Head { order, events, .. } = Head::from_image(new)?;
    let old = old_image.map(Head::from_image).transpose()?.map(|head| head.order);
    let same = old.as_ref().is_some_and(|old| old.version == order.version);
    Ok((!same).then_some(Change { old, new: order, events }))
}
