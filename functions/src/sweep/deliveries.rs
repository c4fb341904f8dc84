//! Starts the attempts of webhook messages that wait longer than a queue delays them.

use clock::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};
use lambda_runtime::Error;

use super::Sweep;
use crate::webhooks::Queued;

/// The number of deliveries that are read at once.
const PAGE: u16 = 100;

/// The number of deliveries that are leased concurrently.
const LEASES: usize = 16;

/// The time after which an attempt that was started and never recorded is started again, in
/// seconds: longer than a message stays in the queue while its endpoint is asked.
const LEASE: i64 = 90 * 60;

impl Sweep {
    /// Starts attempts until none is due, or the time is up; the next sweep continues.
    pub(super) async fn start_due_deliveries(&self, until: Option<Timestamp>) -> Result<(), Error> {
        let now = self.clock.now();
        while !self.is_over(until) {
            let due = self.db.due_deliveries(now, PAGE).await?;
            if due.is_empty() {
                break;
            }
            let leased = stream::iter(due).map(async |key| {
                let leased = self.db.lease_delivery(key, now, now.plus_seconds(LEASE)).await?;
                Ok::<_, Error>(leased.map(|row| Queued {
                    merchant: row.merchant,
                    endpoint: row.endpoint,
                    message: row.message,
                    attempt: row.attempts + 1,
                    redelivered: false,
                }))
            });
            let leased: Vec<_> = leased.buffer_unordered(LEASES).try_collect().await?;
            let queued: Vec<_> = leased.into_iter().flatten().collect();
            // A refused message is started again when its lease ends.
            let refused = self.webhooks.send_all(&queued).await?;
            tracing::info!(
                started = queued.len() - refused.len(),
                refused = refused.len(),
                "attempts of webhook messages were started"
            );
            if !refused.is_empty() {
                break;
            }
        }
        Ok(())
    }
}
