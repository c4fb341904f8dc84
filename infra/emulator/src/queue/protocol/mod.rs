//! SQS's JSON protocol, limited to the operations that functions use: `SendMessage` and
//! `SendMessageBatch`.
//!
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Outgoing, Queue, QueueMessage, Queues};
use crate::call::Call;
use crate::dynamodb::Reply;

mod batch;
mod content;

use batch::SendMessageBatch;
use content::Content;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendMessage {
    queue_url: String,
    message_body: String,
    delay_seconds: Option<i64>,
    message_group_id: Option<String>,
}

/// The reason why a request, or an entry of a batch, is refused.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    fn invalid(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        let message = format!("One or more parameters are invalid. Reason: {reason}.");
        Self { code: "InvalidParameterValueException", message }
    }
}

impl From<Refusal> for Reply {
    fn from(Refusal { code, message }: Refusal) -> Self {
        let body = json!({ "__type": format!("com.amazonaws.sqs#{code}"), "message": message });
        Self { status: 400, body: body.to_string().into() }
    }
}

/// Returns the error code of a reply in SQS's older protocol, with "Sender" as the one to blame.
/// SDKs know the errors of batches by this name, in the header `x-amzn-query-error`.
/// <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#awsquerycompatible-trait>
pub(crate) fn query_error(reply: &Reply) -> Option<String> {
    if reply.status != 400 {
        return None;
    }
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let code = match body["__type"].as_str()?.strip_prefix("com.amazonaws.sqs#")? {
        "QueueDoesNotExist" => "NonExistentQueue",
        batch if batch.contains("Batch") => batch,
        _ => return None,
    };
    Some(format!("AWS.SimpleQueueService.{code};Sender"))
}

impl Queues {
    /// Handles an SQS call. The reply contains the MD5 of the bodies because SDKs of languages
    /// other than Rust verify it.
    pub(crate) fn respond(&self, call: &Call) -> Reply {
        let response = match call.operation() {
            "SendMessage" => self.send(call),
            "SendMessageBatch" => self.send_batch(call),
            _ => Err(unplayed("SendMessage and SendMessageBatch").into()),
        };
        response.map_or_else(
            |refusal| refusal,
            |body| Reply { status: 200, body: body.to_string().into() },
        )
    }

    fn send(&self, call: &Call) -> Result<Value, Reply> {
        let request: SendMessage = read(call)?;
        let content = Content {
            body: request.message_body,
            delay_seconds: request.delay_seconds,
            group: request.message_group_id,
        };
        let sent = content.checked()?;
        let queue = self.find(&request.queue_url)?;
        let message = store(queue, call, &[sent])?.pop();
        Ok(message.as_ref().map(described).unwrap_or_default())
    }

    fn send_batch(&self, call: &Call) -> Result<Value, Reply> {
        let request: SendMessageBatch = read(call)?;
        let queue = self.find(&request.queue_url)?;
        let entries = request.checked()?;
        let messages = store(queue, call, &entries.accepted)?;
        Ok(entries.response(&messages))
    }

    fn find(&self, url: &str) -> Result<&Queue, Refusal> {
        let missing = || Refusal::new("QueueDoesNotExist", "The specified queue does not exist.");
        self.at(url).ok_or_else(missing)
    }
}

fn read<R: DeserializeOwned>(call: &Call) -> Result<R, Refusal> {
    R::deserialize(&call.request).map_err(|error| {
        unplayed(&format!("a body, a delay and a message group of each message: {error}"))
    })
}

fn store(queue: &Queue, call: &Call, sent: &[Outgoing]) -> Result<Vec<QueueMessage>, Reply> {
    queue.send_all(&call.function, sent).map_err(|error| {
        tracing::error!(%error, "a message cannot be stored");
        Reply::internal_server_error("The message cannot be stored.")
    })
}

fn described(message: &QueueMessage) -> Value {
    json!({ "MessageId": message.id, "MD5OfMessageBody": message.md5_of_body })
}

fn unplayed(played: &str) -> Refusal {
    Refusal::new("UnsupportedOperation", format!("The runner supports only {played}"))
}
