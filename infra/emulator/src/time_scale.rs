//! The speed at which time passes.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use clock::Clock;
use clock::Timestamp;
use tokio::time::Instant;

/// How many times faster than real time passes for the functions, and thus for orders and tokens:
/// a whole number from 1 to 3,600.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeScale(u16);

/// The error for a text that is not a [`TimeScale`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to {}", TimeScale::FASTEST)]
pub struct TimeScaleError;

impl TimeScale {
    /// Real time.
    pub const REAL: Self = Self(1);

    /// An hour per second.
    const FASTEST: u16 = 3_600;

    /// Returns a clock that starts at the time of `clock` and runs this many times faster. A
    /// faster clock counts the time that has passed since then, so setting `clock` does not make
    /// it jump; with [`TimeScale::REAL`] the result is `clock` itself.
    pub fn speed_up(self, clock: &Clock) -> Clock {
        if self == Self::REAL {
            return clock.clone();
        }
        let (start, since) = (clock.now(), Instant::now());
        Clock::new(move || {
            let passed = self.stretch(since.elapsed()).as_millis();
            let now =
                i64::try_from(passed).ok().and_then(|it| start.epoch_millis().checked_add(it));
            // At the fastest, the last representable year is two years of real time away.
            now.and_then(Timestamp::from_epoch_millis).unwrap_or(start)
        })
    }

    /// Returns how much time passes for the functions while `real` passes.
    pub fn stretch(self, real: Duration) -> Duration {
        real.saturating_mul(self.0.into())
    }
}

impl FromStr for TimeScale {
    type Err = TimeScaleError;

    fn from_str(text: &str) -> Result<Self, TimeScaleError> {
        let times = text.parse().ok().filter(|times| (1..=Self::FASTEST).contains(times));
        times.map(Self).ok_or(TimeScaleError)
    }
}

impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_runs_as_much_faster_from_its_start_on() {
        let start = Timestamp::parse("2026-11-21T09:30:00.123Z").unwrap();
        let clock = TimeScale(60).speed_up(&Clock::new(move || start));
        assert_eq!(clock.now(), start);
        advance(Duration::from_millis(1_500)).await;
        assert_eq!(clock.now(), Timestamp::parse("2026-11-21T09:31:30.123Z").unwrap());
        advance(Duration::from_hours(1)).await;
        assert_eq!(clock.now(), Timestamp::parse("2026-11-23T21:31:30.123Z").unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_clock_that_runs_faster_is_not_set() {
        let set = Arc::new(AtomicI64::new(1_000));
        let source = Arc::clone(&set);
        let clock = Clock::new(move || {
            Timestamp::from_epoch_seconds(source.load(Ordering::SeqCst)).unwrap()
        });
        let (faster, same) = (TimeScale(2).speed_up(&clock), TimeScale::REAL.speed_up(&clock));
        set.store(10, Ordering::SeqCst);
        advance(Duration::from_secs(5)).await;
        assert_eq!((faster.now().epoch_seconds(), same.now().epoch_seconds()), (1_010, 10));
    }

    #[test]
    fn a_scale_is_a_whole_number_up_to_an_hour_a_second() {
        for (text, scale) in [("1", 1), ("60", 60), ("3600", 3_600)] {
            assert_eq!(text.parse(), Ok(TimeScale(scale)));
        }
        for text in ["0", "3601", "-1", "1.5", "70000", "", "x"] {
            assert_eq!(text.parse::<TimeScale>(), Err(TimeScaleError), "{text}");
        }
        assert_eq!(TimeScaleError.to_string(), "must be a whole number from 1 to 3600");
    }
}
