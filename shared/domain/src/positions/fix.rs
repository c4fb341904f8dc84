//! A measured position.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Location, Roster};

/// The age in seconds beyond which a fix is stale.
const STALE_AFTER_S: i64 = 3 * 60;

/// A driver's position at an instant, as the driver's device measured it. Units and bounds are those
/// of <https://www.w3.org/TR/geolocation/#coordinates_interface>.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    pub at: Timestamp,
    pub location: Location,
    /// The radius within which the driver is with a probability of 95 %, in metres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy_m: Option<f64>,
    /// In metres per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speed: Option<f64>,
    /// The direction of travel, in degrees clockwise from true north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<f64>,
}

impl Fix {
    /// True if the driver was on duty at the time of the fix, which was kept, in the duty that lasts now. A
    /// fix of the half second in which the duty began is of it.
    pub fn is_of_duty(&self, roster: &Roster) -> bool {
        roster.on_duty_since.is_some_and(|since| kept_time(since) <= self.at)
    }

    /// True if the fix is so old that it says little about where the driver is now.
    pub fn is_stale(&self, now: Timestamp) -> bool {
        self.at.plus_seconds(STALE_AFTER_S) < now
    }

    /// The unit of the times that are kept, in milliseconds: no device measures more often.
    pub const TICK_MILLIS: i64 = 500;

    /// Returns the fix as precisely as it is kept: the time by the half second, the location by 1.1 m,
    /// the accuracy by the metre, speed and heading by the hundredth.
    #[must_use]
    pub fn kept(self) -> Self {
        let at = kept_time(self.at);
        let accuracy_m = self.accuracy_m.map(|metres| metres.ceil().max(1.0));
        let hundredths = |number: f64| (number * 100.0).round() / 100.0;
        let (speed, heading) = (self.speed.map(hundredths), self.heading.map(hundredths));
        Self { at, location: self.location.to_a_metre(), accuracy_m, speed, heading }
    }

    /// The greatest accuracy, in metres: that of a position by the mobile cell or the IP address.
    pub const MAX_ACCURACY_M: i32 = 100_000;
    /// The greatest speed, in metres per second: nothing on a road is faster.
    pub const MAX_SPEED: i32 = 150;
    /// The greatest heading, in degrees.
    pub const MAX_HEADING: i32 = 360;
}

/// Returns the beginning of the half second of a time.
fn kept_time(at: Timestamp) -> Timestamp {
    let millis = at.epoch_millis();
    Timestamp::from_epoch_millis(millis - millis.rem_euclid(Fix::TICK_MILLIS)).unwrap_or(at)
}
