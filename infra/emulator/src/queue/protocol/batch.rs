//! `SendMessageBatch`.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::content::{BODY_LIMIT, Content};
use super::{Refusal, described};
use crate::queue::{Outgoing, QueueMessage};

/// The number of messages in a batch, and the length of an entry's id; from the same page.
const ENTRIES: usize = 10;
const ID_LIMIT: usize = 80;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SendMessageBatch {
    pub(super) queue_url: String,
    #[serde(default)]
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Entry {
    id: String,
    message_body: String,
    delay_seconds: Option<i64>,
    message_group_id: Option<String>,
}

/// The entries of a batch that is accepted as a whole.
#[derive(Default)]
pub(super) struct Entries {
    /// The ids of the entries whose messages are sent.
    ids: Vec<String>,
    pub(super) accepted: Vec<Outgoing>,
    /// A description of each entry that is refused.
    refused: Vec<Value>,
}

impl SendMessageBatch {
    /// Checks the batch, and then each entry: "the result of sending each message is reported
    /// individually".
    pub(super) fn checked(self) -> Result<Entries, Refusal> {
        self.check()?;
        let mut entries = Entries::default();
        for Entry { id, message_body, delay_seconds, message_group_id } in self.entries {
            let content = Content { body: message_body, delay_seconds, group: message_group_id };
            match content.checked() {
                Ok(sent) => {
                    entries.ids.push(id);
                    entries.accepted.push(sent);
                }
                Err(Refusal { code, message }) => entries.refused.push(json!({
                    "Id": id, "SenderFault": true, "Code": code, "Message": message,
                })),
            }
        }
        Ok(entries)
    }

    fn check(&self) -> Result<(), Refusal> {
        let entries = &self.entries;
        if entries.is_empty() {
            let problem =
                "There should be at least one SendMessageBatchRequestEntry in the request.";
            return Err(Refusal::new("EmptyBatchRequest", problem));
        }
        if entries.len() > ENTRIES {
            let problem = format!(
                "Maximum number of entries per request are {ENTRIES}. You have sent {}.",
                entries.len()
            );
            return Err(Refusal::new("TooManyEntriesInBatchRequest", problem));
        }
        if let Some(entry) = entries.iter().find(|entry| !is_id(&entry.id)) {
            let problem = format!(
                "A batch entry id can only contain alphanumeric characters, hyphens and \
                 underscores. It can be at most {ID_LIMIT} letters long: {:?}.",
                entry.id
            );
            return Err(Refusal::new("InvalidBatchEntryId", problem));
        }
        let mut ids = HashSet::new();
        if let Some(again) = entries.iter().find(|entry| !ids.insert(&entry.id)) {
            let problem = format!("Id {} repeated.", again.id);
            return Err(Refusal::new("BatchEntryIdsNotDistinct", problem));
        }
        let bytes: usize = entries.iter().map(|entry| entry.message_body.len()).sum();
        if bytes > BODY_LIMIT {
            let problem = format!(
                "Batch requests cannot be longer than {BODY_LIMIT} bytes. You have sent {bytes} bytes."
            );
            return Err(Refusal::new("BatchRequestTooLong", problem));
        }
        Ok(())
    }
}

impl Entries {
    /// Returns the response; `messages` are those of the accepted entries.
    pub(super) fn response(self, messages: &[QueueMessage]) -> Value {
        let successful = self.ids.iter().zip(messages).map(|(id, message)| {
            let mut described = described(message);
            described["Id"] = json!(id);
            described
        });
        json!({ "Successful": successful.collect::<Vec<_>>(), "Failed": self.refused })
    }
}

fn is_id(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=ID_LIMIT).contains(&id.len()) && id.bytes().all(is_allowed)
}
