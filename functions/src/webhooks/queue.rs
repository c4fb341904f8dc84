//! Messages that wait to be sent to endpoints.

use clock::Timestamp;
use db::{FailedDelivery, MessageId};
use domain::webhooks::Endpoint;
use domain::{MerchantId, WebhookId};
use serde::{Deserialize, Serialize};

use crate::queue::{Queue, QueueMessage};

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
pub(crate) type WebhookQueue = Queue<Queued>;

/// The group is the endpoint.
impl QueueMessage for Queued {
    fn group(&self) -> &str {
        self.endpoint.as_str()
    }
}
