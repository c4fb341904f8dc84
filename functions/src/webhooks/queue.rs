//! The queues of messages. A queued message has ids only: a reader of a queue learns nothing of an
//! order.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use clock::Timestamp;
use db::{FailedDelivery, MessageId};
use domain::webhooks::Endpoint;
use domain::{MerchantId, WebhookId};
use serde::{Deserialize, Serialize};

use crate::{Environment, Error, VariableError};

/// The number of messages in a batch: SQS's limit.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html>
const BATCH: usize = 10;

/// The longest delay of a message.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-delay-queues.html>
pub(crate) const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// A message that waits to be sent to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Queued {
    pub(crate) merchant: MerchantId,
    pub(crate) endpoint: WebhookId,
    #[serde(flatten)]
    pub(crate) message: MessageId,
    /// The delivery that the attempt belongs to: 0, or the time of the replay that began it, in
    /// milliseconds since 1970.
    #[serde(default, skip_serializing_if = "is_original")]
    pub(crate) round: u64,
    /// The number of the attempt, from 1.
    pub(crate) attempt: u32,
    /// True if the function failed after this attempt was begun, so that it may be in the log.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) redelivered: bool,
    /// The time at which the sweep starts the attempt again, if it started this one: the message is
    /// worth nothing from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leased_until: Option<Timestamp>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_original(round: &u64) -> bool {
    *round == 0
}

impl Queued {
    /// Returns the first attempt to send `message` to an endpoint.
    pub(crate) fn first(endpoint: &Endpoint, message: MessageId) -> Self {
        let Endpoint { merchant, id, .. } = endpoint;
        Self {
            merchant: merchant.clone(),
            endpoint: id.clone(),
            message,
            round: 0,
            attempt: 1,
            redelivered: false,
            leased_until: None,
        }
    }

    /// Returns the next attempt, after the one that is recorded in `row`.
    pub(crate) fn after(row: FailedDelivery, leased_until: Timestamp) -> Self {
        let FailedDelivery { merchant, endpoint, message, round, attempts, .. } = row;
        let (attempt, leased_until) = (attempts + 1, Some(leased_until));
        Self { merchant, endpoint, message, round, attempt, redelivered: false, leased_until }
    }

    /// Returns the same attempt as part of the delivery that a replay begins at `now`.
    pub(crate) fn replayed(self, now: Timestamp) -> Self {
        Self { round: u64::try_from(now.epoch_millis()).unwrap_or_default(), ..self }
    }
}

/// A queue of messages: that of most endpoints, or that of the slow ones.
#[derive(Clone, Debug)]
pub(crate) struct WebhookQueue {
    client: Client,
    url: String,
}

impl WebhookQueue {
    /// Creates the queue with the URL in this variable.
    pub(crate) fn new(env: &Environment, variable: &'static str) -> Result<Self, VariableError> {
        Ok(Self { client: env.sqs(), url: env.variables.get(variable)? })
    }

    /// Queues a message, to be sent after `delay`, at most [`LONGEST_DELAY`].
    pub(crate) async fn send(&self, queued: &Queued, delay: Duration) -> Result<(), Error> {
        // Rounded up: an attempt before its time would be repeated.
        let seconds = delay.min(LONGEST_DELAY).as_millis().div_ceil(1000);
        let sending = self
            .client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(queued.endpoint.as_str())
            .message_body(serde_json::to_string(queued)?)
            .set_delay_seconds(i32::try_from(seconds).ok().filter(|seconds| *seconds > 0));
        sending.send().await?;
        Ok(())
    }

    /// Queues messages; returns the indexes of those that SQS did not accept.
    pub(crate) async fn send_all(&self, queued: &[Queued]) -> Result<Vec<usize>, Error> {
        let mut refused = Vec::new();
        for (batch, messages) in queued.chunks(BATCH).enumerate() {
            let entry = |(place, it): (usize, &Queued)| {
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(place.to_string())
                    .message_group_id(it.endpoint.as_str())
                    .message_body(serde_json::to_string(it)?);
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
