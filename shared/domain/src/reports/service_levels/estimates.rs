//! The accuracy of the estimates that customers are told.

use clock::Timestamp;

use super::Histogram;
use crate::{Eta, Event, EventData, Order, Phase};

/// The first estimate after an order was picked up, and the delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    pub arrives_at: Timestamp,
    /// `None` until the order is delivered.
    pub delivered_at: Option<Timestamp>,
}

impl Estimate {
    /// Returns the estimate after `event`; `order` is the order after it. After a failed delivery and a
    /// reopening another way to the customer begins, with an estimate of its own.
    pub(super) fn after(before: Option<Self>, order: &Order, event: &Event) -> Option<Self> {
        let estimate = match &event.data {
            EventData::DeliveryFailed { .. } | EventData::Reopened { .. } => None,
            EventData::EtaChanged(Eta { arrives_at, .. })
                if order.status.phase() == Phase::OnTheWay =>
            {
                let first = Self { arrives_at: *arrives_at, delivered_at: None };
                Some(before.unwrap_or(first))
            }
            _ => before,
        }?;
        let is_delivered = order.status.phase() == Phase::Delivered;
        let delivered_at = estimate.delivered_at.or_else(|| is_delivered.then_some(event.at));
        Some(Self { delivered_at, ..estimate })
    }
}

/// The errors of many estimates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accuracy {
    /// The differences between estimate and delivery, whichever was first.
    pub errors: Histogram,
    /// The sum of the times by which deliveries were later than estimated, in seconds.
    pub late_seconds: u64,
    /// The sum of the times by which they were earlier, in seconds.
    pub early_seconds: u64,
}

impl Accuracy {
    /// Counts an estimate, if the order is delivered.
    pub fn add(&mut self, estimate: &Estimate) {
        let Estimate { arrives_at, delivered_at: Some(delivered_at) } = *estimate else { return };
        let late = delivered_at.seconds_since(arrives_at);
        let early = arrives_at.seconds_since(delivered_at);
        self.errors.add(late.max(early));
        self.late_seconds += late;
        self.early_seconds += early;
    }

    /// Returns the mean time by which deliveries were later than estimated, in seconds, rounded towards
    /// zero; negative if they were earlier. `None` without an estimate.
    pub fn bias_seconds(&self) -> Option<i64> {
        let sum = i128::from(self.late_seconds) - i128::from(self.early_seconds);
        let mean = sum.checked_div(self.errors.count().into())?;
        i64::try_from(mean).ok()
    }

    /// Returns all counts as a sequence of numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u64> {
        [self.late_seconds, self.early_seconds].into_iter().chain(self.errors.numbers())
    }

    /// Restores the accuracy from the output of [`Accuracy::numbers`].
    pub(super) fn from_numbers(numbers: &mut impl Iterator<Item = u64>) -> Option<Self> {
        let (late_seconds, early_seconds) = (numbers.next()?, numbers.next()?);
        Some(Self { errors: Histogram::from_numbers(numbers)?, late_seconds, early_seconds })
    }
}
