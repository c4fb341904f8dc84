//! One message.

use clock::Timestamp;
use random::random_uuid;
use serde::{Deserialize, Serialize};

/// A message, written as `ReceiveMessage` would give it, so that what reads one
/// from SQS reads a line of a queue's file too.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_Message.html>
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueueMessage {
    /// Its name, a UUID.
    #[serde(rename = "MessageId")]
    pub id: String,
    /// The MD5 of the body, in hexadecimal digits.
    #[serde(rename = "MD5OfBody")]
    pub md5_of_body: String,
    /// What was sent.
    pub body: String,
    /// Whence and when.
    pub attributes: Attributes,
}

/// What the queue itself says of a message.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// The binary of the function that sent it or was given up on.
    pub sender_id: String,
    /// When it was sent: milliseconds since 1970, as text.
    pub sent_timestamp: String,
}

impl QueueMessage {
    pub(super) fn new(sender: &str, body: &str, now: Timestamp) -> Self {
        Self {
            id: random_uuid().to_string(),
            md5_of_body: format!("{:x}", md5::compute(body)),
            body: body.to_owned(),
            attributes: Attributes {
                sender_id: sender.to_owned(),
                sent_timestamp: now.epoch_millis().to_string(),
            },
        }
    }
}
