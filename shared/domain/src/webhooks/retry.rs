//! The decision after an attempt to deliver a message.
//!
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#deliverability-and-reliability>

use std::time::Duration;

use clock::Timestamp;

use super::DisabledReason;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The time from each failed attempt to the next, in seconds: the schedule of the specification.
const DELAYS: [u64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// The number of attempts to deliver a message.
pub const ATTEMPTS: u32 = 10;

/// The time after which an endpoint without a success is disabled.
pub const FAILING_FOR: Duration = Duration::from_hours(5 * 24);

/// The time for which an overloaded endpoint that asks for no other gets no requests.
const PAUSE: Duration = Duration::from_secs(30);

/// The longest `Retry-After` that is followed.
const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// The outcome of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint responded with this status.
    Responded {
        status: u16,
        /// The time of its `Retry-After`, from the response on.
        retry_after: Option<Duration>,
    },
    /// There was no response in time.
    TimedOut,
    /// No connection, no TLS, or no HTTP.
    Unreachable,
    /// The host has no address that messages may be sent to.
    Refused,
}

impl Outcome {
    /// True if the endpoint accepted the message: with any status from 200 to 299.
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Responded { status: 200..=299, .. })
    }
}

/// The decision after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Delivered,
    /// The message is sent again after this time.
    Retry(Duration),
    /// There are no more attempts.
    GiveUp,
    /// The endpoint gets no more messages.
    Disable(DisabledReason),
}

/// Decides about a message after the attempt with this number, from 1. The endpoint has not
/// succeeded since `failing_since`, which is `None` if its last message was accepted.
pub fn verdict(
    outcome: Outcome,
    attempt: u32,
    failing_since: Option<Timestamp>,
    now: Timestamp,
) -> Verdict {
    if outcome.is_success() {
        return Verdict::Delivered;
    }
    if matches!(outcome, Outcome::Responded { status: 410, .. }) {
        return Verdict::Disable(DisabledReason::Gone);
    }
    let failing_for = failing_since.map_or(0, |since| now.seconds_since(since));
    if failing_for >= FAILING_FOR.as_secs() {
        return Verdict::Disable(DisabledReason::Failing);
    }
    let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let Some(delay) = DELAYS.get(place) else { return Verdict::GiveUp };
    let pause = pause(outcome).unwrap_or_default();
    Verdict::Retry(Duration::from_secs(*delay).max(pause))
}

/// Returns the time for which an overloaded endpoint gets no requests: that of its `Retry-After`, at
/// most a day, or [`PAUSE`] after 429, 502 and 504.
pub fn pause(outcome: Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Responded { status: 429 | 502 | 503 | 504, retry_after: Some(after) } => {
            Some(after.min(LONGEST_PAUSE))
        }
        Outcome::Responded { status: 429 | 502 | 504, retry_after: None } => Some(PAUSE),
        Outcome::Responded { .. } | Outcome::TimedOut | Outcome::Unreachable | Outcome::Refused => {
            None
        }
    }
}
