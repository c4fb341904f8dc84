//! A batch of the stream.

use serde::Deserialize;
use serde_json::Value;
use shared::domain::Event;
use shared::store::{Head, StoreError};
use shared::topics::Topic;

/// A batch of the stream of `orders`, each record still to be read: one that
/// does not read must not take the others with it.
#[derive(Debug, Deserialize)]
pub struct Batch {
    #[serde(rename = "Records")]
    records: Vec<Value>,
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

/// An order before and after a commit.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) old: Option<Head>,
    pub(super) new: Head,
}

impl Batch {
    /// The changes up to the first record that does not read, and that one's
    /// sequence number.
    pub(super) fn changes(self) -> (Vec<Change>, Option<String>) {
        let mut changes = Vec::new();
        for value in self.records {
            let number =
                value["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default().to_owned();
            match Change::read(value) {
                Ok(change) => changes.extend(change),
                Err(error) => {
                    tracing::error!(record.sequence_number = number, error = %error, "unreadable");
                    return (changes, Some(number));
                }
            }
        }
        (changes, None)
    }
}

impl Change {
    /// The commit that a record tells of; none if no commit made it, such as an
    /// operator's deletion of a head, or a write that changed nothing.
    fn read(record: Value) -> Result<Option<Self>, StoreError> {
        let corrupt = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
        let record: Record = serde_json::from_value(record).map_err(corrupt)?;
        let StreamRecord { old_image, new_image } = record.dynamodb;
        let Some(new) = new_image else { return Ok(None) };
        let new = Head::from_image(new)?;
        let old = old_image.map(Head::from_image).transpose()?;
        let same = old.as_ref().is_some_and(|old| old.order.version == new.order.version);
        Ok((!same).then_some(Self { old, new }))
    }

    /// The topics that the order belongs to, and those that it belonged to.
    pub(super) fn topics(&self) -> impl Iterator<Item = Topic> {
        let mut topics = Topic::of(&self.new.order);
        topics.extend(self.old.iter().flat_map(|old| Topic::of(&old.order)));
        topics.sort_unstable();
        topics.dedup();
        topics.into_iter()
    }

    /// What happened.
    pub(super) fn events(&self) -> &[Event] {
        &self.new.events
    }
}
