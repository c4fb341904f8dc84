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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Attributes {
    /// The binary of the function that sent the message, or whose batch was given up.
    pub sender_id: String,
    /// The time of sending: milliseconds since 1970, as text.
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
