//! The messages that wake dispatch.

use std::time::Duration;

use clock::Timestamp;
use domain::{MerchantId, OrderId};
use serde::{Deserialize, Serialize};

use crate::changes::Change;
use crate::queue::{Queue, QueueMessage, delay};

/// The queue of dispatch. The delay of a message is the alarm clock of an order.
pub(crate) type DispatchQueue = Queue<Wake>;

/// A message that wakes dispatch for an order. Dispatch does what is due about the order as it is
/// then, so that a message that comes twice, or for an order that has moved, does no harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wake {
    pub(crate) merchant: MerchantId,
    pub(crate) order: OrderId,
    /// The time from which there is something to do; `None` if the sender does not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
}

impl Wake {
    /// Returns the delay of the message.
    pub(crate) fn delay(&self, now: Timestamp) -> Duration {
        self.at.map_or(Duration::ZERO, |at| delay(now, at))
    }

    /// Returns the message about a change that gives dispatch something to do, or at another time.
    pub(crate) fn after(change: &Change) -> Option<Self> {
        let Change { old, new, .. } = change;
        let next = new.next_dispatch()?;
        let is_new = old.as_ref().and_then(domain::Order::next_dispatch) != Some(next);
        let merchant = new.placed.merchant.clone();
        is_new.then_some(Self { merchant, order: new.id, at: Some(next.at) })
    }
}

/// The group is the merchant.
impl QueueMessage for Wake {
    fn group(&self) -> &str {
        self.merchant.as_str()
    }
}
