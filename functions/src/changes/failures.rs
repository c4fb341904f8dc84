//! The failure queue, for records that cannot be parsed.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::Value;

use super::Unreadable;
use crate::{Environment, VariableError};

/// The number of records that are sent concurrently.
const CONCURRENT: usize = 16;

/// The failure queue. Lambda's own message to it only gives a record's position in the stream,
/// which keeps records for a day; the function's message contains the order's id, and can contain
/// the record.
#[derive(Clone, Debug)]
pub(crate) struct Failures {
    client: Client,
    queue_url: String,
    content: Content,
}

/// The content of the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// The order's id and version.
    Ids,
    /// The whole record and the reason as well.
    Records,
}

/// A message of the queue.
#[derive(Serialize)]
struct Failure<'a> {
    /// The error, which can quote the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// The id of the record's order; null if it cannot be parsed.
    order_id: Option<&'a str>,
    /// The order's version before the record, which a replay starts after.
    after: u64,
    /// The unchanged record.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<&'a Value>,
}

impl<'a> Failure<'a> {
    fn of(record: &'a Value, reason: &'a str, content: Content) -> Self {
        let is_whole = content == Content::Records;
        let stream = &record["dynamodb"];
        let version = stream["OldImage"]["version"]["N"].as_str();
        Self {
            reason: is_whole.then_some(reason),
            order_id: stream["Keys"]["order_id"]["S"].as_str(),
            after: version.and_then(|version| version.parse().ok()).unwrap_or_default(),
            record: is_whole.then_some(record),
        }
    }
}

/// Escapes the characters that JSON may contain unescaped and SQS rejects in a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
fn as_sqs_takes(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

impl Failures {
    /// Creates the queue whose URL is in this variable.
    pub(crate) fn new(
        env: &Environment,
        variable: &'static str,
        content: Content,
    ) -> Result<Self, VariableError> {
        Ok(Self { client: env.sqs(), queue_url: env.variables.get(variable)?, content })
    }

    /// Sends records to the queue and returns the index of the first that was not accepted.
    pub(crate) async fn set_aside(
        &self,
        records: &[Value],
        unreadable: Vec<Unreadable>,
    ) -> Option<usize> {
        let sent = stream::iter(unreadable).map(|it| async move {
            let is_sent = self.send(&records[it.place], &it.reason).await;
            (!is_sent).then_some(it.place)
        });
        let refused: Vec<_> = sent.buffer_unordered(CONCURRENT).collect().await;
        refused.into_iter().flatten().min()
    }

    /// Sends a record to the queue and returns true if it was accepted. An error is logged.
    async fn send(&self, record: &Value, reason: &str) -> bool {
        let failure = Failure::of(record, reason, self.content);
        let order_id = failure.order_id;
        tracing::error!(order.id = order_id, reason, "a stream record cannot be parsed");
        let Ok(body) = serde_json::to_string(&failure).map(|body| as_sqs_takes(&body)) else {
            return false;
        };
        let sent =
            self.client.send_message().queue_url(&self.queue_url).message_body(body).send().await;
        if let Err(error) = &sent {
            let error = DisplayErrorContext(error).to_string();
            tracing::error!(
                order.id = order_id,
                error,
                "the record could not be moved to the failure queue; the batch will be retried"
            );
        }
        sent.is_ok()
    }
}
