//! The time for which a device can be silent.

use super::Advice;

/// The least time of silence that is a gap, in seconds.
pub(super) const LEAST_S: i64 = 90;

/// The number of uploads that can be late or lost.
const MISSED: i64 = 3;

impl Advice {
    /// Returns the time after which a device that was to send in these intervals is missed, in seconds;
    /// `None` if it was to send nothing.
    pub fn silent_after_s(self) -> Option<i64> {
        let every = i64::from(self.send_every_s);
        (every > 0).then_some(LEAST_S.max(MISSED * every))
    }
}
