//! A batch of stream records.

use std::collections::HashMap;

use db::{DbError, Head};
use domain::{OrderId, Version};
use serde::Deserialize;
use serde_json::Value;

use super::Change;

/// The current head of each order in a batch, or the error of reading it.
pub(crate) type Heads = HashMap<OrderId, Result<Head, DbError>>;

/// The changes in a batch. Records are parsed one by one, so that an invalid one does not fail
/// the others.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The changes, each with the index of its record in the batch.
    pub(crate) changes: Vec<(usize, Change)>,
    pub(crate) unreadable: Vec<Unreadable>,
}

/// A record that cannot be processed.
#[derive(Debug)]
pub(crate) struct Unreadable {
    /// The index of the record in the batch.
    pub(crate) place: usize,
    /// The error, for operators.
    pub(crate) reason: String,
}

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
    /// Parses records. A version that is repeated, or older than one before it, is skipped.
    pub(crate) fn read(records: &[Value]) -> Self {
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

    pub(crate) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().map(|(_, change)| change)
    }

    /// Moves the changes of orders whose current head cannot be parsed to the unreadable records.
    pub(crate) fn set_aside(&mut self, heads: &Heads) {
        let Self { changes, unreadable } = self;
        changes.retain(|(place, change)| {
            let Some(Err(error)) = heads.get(&change.order_id()) else { return true };
            let reason = format!("cannot read the current order: {error}");
            unreadable.push(Unreadable { place: *place, reason });
            false
        });
    }
}

/// Parses the commit of a record; `None` if no commit made the record, such as an operator's
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
