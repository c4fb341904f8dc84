//! The estimated time of an arrival.

use clock::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fix, Way};
use crate::{Hundredths, VehicleKind};

/// The way on streets as a multiple of the straight line. An assumption, until the report on the
/// accuracy of estimates says another one.
const DETOUR: Hundredths = Hundredths::new(135);

/// The time that a driver takes for a stop, in seconds. An assumption, too.
const STOP_S: i64 = 120;

/// The figures that an estimate follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "EtaBasis")]
pub struct EtaBasis {
    /// The length of the way that is left, in metres.
    pub distance_m: u32,
    /// The factor by which streets are longer than this way; 1 for a way on streets.
    pub detour: Hundredths,
    /// The driver's speed, in metres per second.
    pub speed_mps: Hundredths,
}

/// An estimate of when a driver arrives; history stores this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eta {
    pub arrives_at: Timestamp,
    pub basis: EtaBasis,
}

impl EtaBasis {
    /// Returns the figures for a way of straight lines. A router that knows the streets would give the
    /// figures instead; everything else depends on them alone.
    pub fn of_straight_lines(distance_m: f64, vehicle: VehicleKind) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "on the Earth")]
        let distance_m = distance_m.max(0.0).round() as u32;
        Self { distance_m, detour: DETOUR, speed_mps: vehicle.usual_speed() }
    }

    /// Returns the time on the way, in seconds, rounded up.
    fn seconds(&self) -> i64 {
        let metres = f64::from(self.distance_m) * self.detour.get();
        #[expect(clippy::cast_possible_truncation, reason = "on the Earth")]
        let seconds = (metres / self.speed_mps.get().max(0.01)).ceil() as i64;
        seconds
    }
}

impl Eta {
    /// Estimates when a driver who was at `from` has gone a way; not before `now`.
    pub fn of(from: &Fix, way: Way, vehicle: VehicleKind, now: Timestamp) -> Self {
        let basis = EtaBasis::of_straight_lines(way.distance_m, vehicle);
        let seconds = basis.seconds() + STOP_S * i64::from(way.stops_before);
        Self { arrives_at: from.at.plus_seconds(seconds).max(now), basis }
    }
}

impl VehicleKind {
    /// Returns the average speed in a town, stops at lights included, in metres per second. An
    /// assumption: 5, 15, 22, 25 and 22 km/h.
    const fn usual_speed(self) -> Hundredths {
        Hundredths::new(match self {
            Self::Foot => 140,
            Self::Bike => 420,
            Self::Scooter | Self::Van => 610,
            Self::Car => 690,
        })
    }
}
