//! Records that wait for their batch to be full.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html#invocation-eventsourcemapping-batching>

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Settings;
use super::batch::Batch;

/// What will be the next batch, and since when its window is open.
#[derive(Debug)]
pub(super) struct Gathering {
    records: Vec<Value>,
    opened: Instant,
}

impl Gathering {
    /// Nothing, its window open from now on.
    pub(super) fn new(now: Instant) -> Self {
        Self { records: Vec::new(), opened: now }
    }

    /// "The next batching window begins as soon as the previous function
    /// invocation completes."
    pub(super) fn reopen(&mut self, now: Instant) {
        self.opened = now;
    }

    /// Adds what the function is to be invoked with. Lambda does not say what
    /// follows a window in which nothing came; here the first record opens another.
    pub(super) fn add(
        &mut self,
        records: impl Iterator<Item = Value>,
        settings: &Settings,
        now: Instant,
    ) {
        if self.records.is_empty() && self.left(settings, now).is_zero() {
            self.reopen(now);
        }
        self.records.extend(records);
    }

    /// How many records the batch has still room for.
    pub(super) fn room(&self, settings: &Settings) -> usize {
        usize::from(settings.batch_size).saturating_sub(self.records.len())
    }

    /// The batch, if it is full, has waited for as long as it may, or gets no more.
    pub(super) fn take(
        &mut self,
        settings: &Settings,
        no_more: bool,
        now: Instant,
    ) -> Option<Batch> {
        let full = self.room(settings) == 0;
        let ready = full || no_more || self.left(settings, now).is_zero();
        if ready { Batch::new(std::mem::take(&mut self.records)) } else { None }
    }

    /// How long the records have still to wait, if there are any.
    pub(super) fn wait(&self, settings: &Settings, now: Instant) -> Option<Duration> {
        (!self.records.is_empty()).then(|| self.left(settings, now))
    }

    /// How long the window is still open.
    fn left(&self, settings: &Settings, now: Instant) -> Duration {
        (self.opened + settings.maximum_batching_window).saturating_duration_since(now)
    }
}
