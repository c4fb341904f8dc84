//! Waiting before another try.

use std::time::Duration;

use crate::edge;

/// How often a write is tried before it is given up.
pub(super) const ATTEMPTS: u32 = 8;

/// Waits a random while of up to 20 ms, doubled with each attempt, up to 640 ms,
/// so that writers who met once do not meet again ("full jitter",
/// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
pub(super) async fn pause(attempt: u32) {
    let bound = Duration::from_millis(20 << attempt.min(5));
    tokio::time::sleep(edge::jitter(bound)).await;
}
