//! Records that wait for their batch to be full.

use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::Settings;
use super::batch::Batch;

/// What will be the next batch. Lambda does not say when a batching window opens;
/// here the first record that waits opens it.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    records: Vec<Value>,
    since: Option<Instant>,
}

impl Gathering {
    /// Adds what the function is to be invoked with.
    pub(super) fn add(&mut self, records: impl Iterator<Item = Value>, now: Instant) {
        self.records.extend(records);
        if !self.records.is_empty() {
            self.since.get_or_insert(now);
        }
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
        if full || no_more || self.wait(settings, now).is_none() {
            self.since = None;
            return Batch::new(std::mem::take(&mut self.records));
        }
        None
    }

    /// How long the records have still to wait, if they have.
    pub(super) fn wait(&self, settings: &Settings, now: Instant) -> Option<Duration> {
        let end = self.since? + settings.maximum_batching_window;
        Some(end.saturating_duration_since(now)).filter(|wait| !wait.is_zero())
    }
}
