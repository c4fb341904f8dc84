//! SQS's JSON protocol, limited to the operation that functions use: `SendMessage`.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use serde::Deserialize;
use serde_json::json;

use super::Queues;
use crate::call::Call;
use crate::dynamodb::Reply;

/// "The minimum size is one character. The maximum size is 1 MiB or 1,048,576
/// bytes"; from the same page.
const BODY_LIMIT: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendMessage {
    queue_url: String,
    message_body: String,
}

impl Queues {
    /// Handles an SQS call. The reply contains the MD5 of the body because SDKs of languages
    /// other than Rust verify it.
    pub(crate) fn respond(&self, call: &Call) -> Reply {
        let SendMessage { queue_url, message_body } = match read(call) {
            Ok(request) => request,
            Err(refusal) => return refusal,
        };
        let Some(queue) = self.at(&queue_url) else {
            return refusal("QueueDoesNotExist", "The specified queue does not exist.");
        };
        match queue.send(&call.function, &message_body) {
            Ok(message) => {
                let body =
                    json!({ "MessageId": message.id, "MD5OfMessageBody": message.md5_of_body });
                Reply { status: 200, body: body.to_string().into() }
            }
            Err(error) => {
                tracing::error!(%error, "a message cannot be stored");
                Reply::internal_server_error("The message cannot be stored.")
            }
        }
    }
}

fn read(call: &Call) -> Result<SendMessage, Reply> {
    if call.operation() != "SendMessage" {
        return Err(unplayed("SendMessage alone"));
    }
    let request = SendMessage::deserialize(&call.request).map_err(|error| {
        unplayed(&format!("only QueueUrl and MessageBody are supported: {error}"))
    })?;
    let invalid = |reason: &str| {
        let problem = format!("One or more parameters are invalid. Reason: {reason}.");
        Err(refusal("InvalidParameterValueException", &problem))
    };
    match request.message_body.len() {
        0 => invalid("Message must not be empty"),
        1..=BODY_LIMIT => match request.message_body.chars().find(|c| !is_allowed(*c)) {
            Some(other) => {
                let problem = format!("Invalid character {other:?} was found in the message body.");
                Err(refusal("InvalidMessageContents", &problem))
            }
            None => Ok(request),
        },
        _ => invalid(&format!("Message must be shorter than {BODY_LIMIT} bytes")),
    }
}

/// Returns true for the characters of XML 1.0, as listed on the same page; a `char` is never a
/// surrogate.
fn is_allowed(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\u{FFFE}' | '\u{FFFF}' => false,
        other => other >= ' ',
    }
}

fn unplayed(played: &str) -> Reply {
    refusal("UnsupportedOperation", &format!("The runner supports only {played}"))
}

fn refusal(kind: &str, message: &str) -> Reply {
    let body = json!({ "__type": format!("com.amazonaws.sqs#{kind}"), "message": message });
    Reply { status: 400, body: body.to_string().into() }
}
