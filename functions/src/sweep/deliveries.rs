//! Starts the attempts of webhook messages that wait longer than a queue delays them.

use clock::Timestamp;
use futures_util::{StreamExt, stream};
use lambda_runtime::Error;

use super::Sweep;
use crate::webhooks::Queued;

/// The number of deliveries that are read at once.
const PAGE: u16 = 100;

/// The number of deliveries that are leased concurrently.
const LEASES: usize = 16;

/// The time after which an attempt that was started and never recorded is started again, in
/// seconds: longer than most messages stay in the queue. One that stays longer is dropped then.
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
                let until = now.plus_seconds(LEASE);
                let leased = self.db.lease_delivery(key, now, until).await;
                leased.map(|row| row.map(|row| Queued::after(row, until)))
            });
            let leased: Vec<_> = leased.buffer_unordered(LEASES).collect().await;
            // One that cannot be leased does not stop the others.
            let (leased, failed): (Vec<_>, Vec<_>) = leased.into_iter().partition(Result::is_ok);
            let queued: Vec<_> = leased.into_iter().flatten().flatten().collect();
            // A refused message is started again when its lease ends.
            let refused = self.webhooks.send_all(&queued).await?;
            let (started, refused) = (queued.len() - refused.len(), refused.len());
            if started + refused > 0 {
                tracing::info!(started, refused, "attempts of webhook messages were started");
            }
            if let Some(error) = failed.into_iter().find_map(Result::err) {
                return Err(error.into());
            }
            if refused > 0 {
                break;
            }
        }
        Ok(())
    }
}
