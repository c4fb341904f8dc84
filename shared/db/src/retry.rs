//! Trying again.

use std::time::Duration;

use tokio::time::Instant;

/// How often something is tried before it is given up.
const MOST: u32 = 24;

/// How long it is tried: well within a function's time-out, so that the caller
/// hears of it.
const LIMIT: Duration = Duration::from_secs(6);

/// Counts the tries of one thing, and waits between them.
#[derive(Debug)]
pub(super) struct Tries {
    made: u32,
    since: Instant,
}

impl Tries {
    pub(super) fn new() -> Self {
        Self { made: 0, since: Instant::now() }
    }

    /// Begins another try, unless it is time to give up.
    pub(super) fn begin(&mut self) -> bool {
        self.made += 1;
        self.made <= MOST && self.since.elapsed() < LIMIT
    }

    /// Waits a random while of up to 20 ms, doubled with each try, so that
    /// writers who met once do not meet again ("full jitter",
    /// <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>).
    pub(super) async fn pause(&self) {
        let bound = Duration::from_millis(20 << self.made.min(5));
        tokio::time::sleep(random::jitter(bound)).await;
    }
}
