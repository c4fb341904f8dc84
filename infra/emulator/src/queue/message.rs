//! A message of a queue.

use clock::Timestamp;
use random::random_uuid;
use serde::{Deserialize, Serialize};

/// A message, in the format of `ReceiveMessage`, so that a program that parses messages of SQS
/// can also parse a line of a queue's file.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueMessage {
    /// A UUID.
    #[serde(rename = "MessageId")]
    pub id: String,
    /// The MD5 of the body, in hexadecimal digits.
    #[serde(rename = "MD5OfBody")]
    pub md5_of_body: String,
    pub body: String,
    pub attributes: Attributes,
}

/// The queue's own attributes of a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// The binary of the function that sent the message, or whose batch was given up.
    pub sender_id: String,
    /// The time of sending: milliseconds since 1970, as text.
    pub sent_timestamp: String,
    /// The tenant that the message belongs to; without one, the message is a tenant of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_group_id: Option<String>,
    /// The number of receives, as text; `None` before the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate_receive_count: Option<String>,
    /// The time of the first receive: milliseconds since 1970, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate_first_receive_timestamp: Option<String>,
}

/// A message that is about to be sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Outgoing {
    pub(super) body: String,
    pub(super) delay_seconds: u16,
    pub(super) group: Option<String>,
}

impl QueueMessage {
    pub(super) fn new(sender: &str, sent: &Outgoing, now: Timestamp) -> Self {
        Self {
            id: random_uuid().to_string(),
            md5_of_body: format!("{:x}", md5::compute(&sent.body)),
            body: sent.body.clone(),
            attributes: Attributes {
                sender_id: sender.to_owned(),
                sent_timestamp: now.epoch_millis().to_string(),
                message_group_id: sent.group.clone(),
                approximate_receive_count: None,
                approximate_first_receive_timestamp: None,
            },
        }
    }

    /// Returns the number of receives.
    pub(super) fn receives(&self) -> u32 {
        let count = self.attributes.approximate_receive_count.as_ref();
        count.and_then(|count| count.parse().ok()).unwrap_or_default()
    }

    /// Counts one more receive.
    pub(super) fn received(mut self, now: Timestamp) -> Self {
        let count = self.receives().saturating_add(1);
        self.attributes.approximate_receive_count = Some(count.to_string());
        let first = &mut self.attributes.approximate_first_receive_timestamp;
        first.get_or_insert_with(|| now.epoch_millis().to_string());
        self
    }

    /// Forgets the receives. The time of sending remains: "when a message is moved to a dead-letter
    /// queue, the enqueue timestamp is unchanged".
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>
    pub(super) fn unreceived(mut self) -> Self {
        self.attributes.approximate_receive_count = None;
        self.attributes.approximate_first_receive_timestamp = None;
        self
    }

    /// Returns the tenant for which the message is received in turn with others: "each message
    /// without a `MessageGroupId` is treated as belonging to its own distinct tenant".
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues-detailed.html>
    pub(super) fn tenant(&self) -> &str {
        self.attributes.message_group_id.as_ref().unwrap_or(&self.id)
    }
}
