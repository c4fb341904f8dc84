//! The queues of SQS that functions send messages to. A message has ids only: a reader of a queue
//! learns nothing of an order.

use std::marker::PhantomData;
use std::time::Duration;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use clock::Timestamp;
use serde::Serialize;

use crate::{Environment, Error, VariableError};

/// The number of messages in a batch: SQS's limit.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
const BATCH: usize = 10;

/// The longest delay of a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html>
pub(crate) const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// A message in a queue.
pub(crate) trait QueueMessage: Serialize {
    /// Returns the id of the message's group: SQS serves quiet groups before busy ones.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html>
    fn group(&self) -> &str;
}

/// A queue of messages `M`.
#[derive(Clone)]
pub(crate) struct Queue<M> {
    client: Client,
    url: String,
    messages: PhantomData<fn(M)>,
}

impl<M: QueueMessage> Queue<M> {
    /// Creates the queue with the URL in this variable.
    pub(crate) fn new(env: &Environment, variable: &'static str) -> Result<Self, VariableError> {
        Ok(Self { client: env.sqs(), url: env.variables.get(variable)?, messages: PhantomData })
    }

    /// Queues a message, to be received after `delay`, at most [`LONGEST_DELAY`].
    pub(crate) async fn send(&self, message: &M, delay: Duration) -> Result<(), Error> {
        let sending = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(message.group())
            .message_body(serde_json::to_string(message)?)
            .set_delay_seconds(seconds(delay));
        sending.send().await?;
        Ok(())
    }

    /// Queues messages; returns the indexes of those that SQS did not accept.
    pub(crate) async fn send_all(&self, messages: &[M]) -> Result<Vec<usize>, Error> {
        self.send_all_after(messages, |_| Duration::ZERO).await
    }

    /// Queues messages, each to be received after its `delay`, at most [`LONGEST_DELAY`]; returns
    /// the indexes of those that SQS did not accept.
    pub(crate) async fn send_all_after(
        &self,
        messages: &[M],
        delay: impl Fn(&M) -> Duration,
    ) -> Result<Vec<usize>, Error> {
        let mut refused = Vec::new();
        for (batch, messages) in messages.chunks(BATCH).enumerate() {
            let entry = |(place, it): (usize, &M)| {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_group_id(it.group())
                    .message_body(serde_json::to_string(it)?)
                    .set_delay_seconds(seconds(delay(it)));
                Ok::<_, Error>(entry.build()?)
            };
            let entries: Result<_, _> = messages.iter().enumerate().map(entry).collect();
            let sending = self.client.send_message_batch().queue_url(&self.url);
            let sent = sending.set_entries(Some(entries?)).send().await;
            let failed: Vec<usize> = match sent {
                Ok(sent) => sent.failed.iter().filter_map(|it| it.id.parse().ok()).collect(),
                Err(error) => {
                    tracing::warn!(?error, "messages could not be queued");
                    (0..messages.len()).collect()
                }
            };
            refused.extend(failed.into_iter().map(|place| batch * BATCH + place));
        }
        Ok(refused)
    }
}

/// Returns the delay of a message that is worth nothing before a time; none if that has passed.
pub(crate) fn delay(now: Timestamp, until: Timestamp) -> Duration {
    let millis = until.epoch_millis().saturating_sub(now.epoch_millis());
    Duration::from_millis(millis.try_into().unwrap_or_default())
}

/// Returns the response to a batch of which these messages were not processed, and come again.
pub(crate) fn response(failed: impl IntoIterator<Item = String>) -> SqsBatchResponse {
    let failure = |message_id| {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = message_id;
        failure
    };
    let mut response = SqsBatchResponse::default();
    response.batch_item_failures = failed.into_iter().map(failure).collect();
    response
}

/// Returns a delay in seconds, rounded up: what comes before its time is done again.
fn seconds(delay: Duration) -> Option<i32> {
    let seconds = delay.min(LONGEST_DELAY).as_millis().div_ceil(1000);
    i32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}
