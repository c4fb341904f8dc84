//! The time that an endpoint has for its response.

use std::time::Duration;

/// The time that an attempt has, by the queue that its message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    Short,
    /// For endpoints that took longer than the short one.
    Long,
}

impl Patience {
    /// Returns the patience with messages of the queue of slow endpoints, or of the other one.
    pub(super) const fn with(is_slow_queue: bool) -> Self {
        if is_slow_queue { Self::Long } else { Self::Short }
    }

    /// Returns the time limit of an attempt. The specification recommends 15 to 30 seconds.
    pub(super) const fn limit(self) -> Duration {
        match self {
            Self::Short => Duration::from_secs(2),
            Self::Long => Duration::from_secs(15),
        }
    }
}

/// The time for which an endpoint counts as slow after its last slow response, in seconds.
pub(super) const SLOW_FOR: i64 = 10 * 60;
