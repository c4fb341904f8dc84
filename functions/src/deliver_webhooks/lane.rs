//! The two lanes of messages.

use std::time::Duration;

/// The lane of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    Fast,
    /// For endpoints that took longer than the fast lane allows.
    Slow,
}

impl Lane {
    pub(super) const fn of(is_slow: bool) -> Self {
        if is_slow { Self::Slow } else { Self::Fast }
    }

    /// Returns the time limit of an attempt. The specification recommends 15 to 30 seconds.
    pub(super) const fn patience(self) -> Duration {
        match self {
            Self::Fast => Duration::from_secs(2),
            Self::Slow => Duration::from_secs(15),
        }
    }
}

/// The time for which an endpoint counts as slow after its last slow answer, in seconds.
pub(super) const SLOW_FOR: i64 = 10 * 60;
