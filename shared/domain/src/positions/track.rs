//! The track of a driver: the places that follow from all the fixes that are known.
//!
//! A track depends on its fixes alone, and not on the order in which they came: a late fix changes it
//! as if it had come in time.

use clock::Timestamp;

use super::Fix;
use super::distance::distance_m;
use crate::VehicleKind;

/// The accuracy in metres above which a fix is neither shown nor used.
const COARSE_ABOVE_M: f64 = 200.0;

/// The least distance in metres that counts as a movement: less is the error of good receivers.
const STANDING_M: f64 = 10.0;

/// A place of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrackPoint {
    /// The first fix of the place.
    pub fix: Fix,
    /// The time of the last fix at which the driver was still there.
    pub until: Timestamp,
}

/// Returns the track of fixes with the vehicles of their time. They are in order of time, and no two
/// have the same.
///
/// A fix that the vehicle could not have come to from the last place waits for the next one, which
/// decides between the two. So one wrong fix moves nobody, and does not make those after it look wrong.
pub fn track(fixes: &[(VehicleKind, Fix)]) -> Vec<TrackPoint> {
    let mut track = Track::default();
    for (vehicle, fix) in fixes {
        track.add(*fix, *vehicle);
    }
    track.places.into_iter().map(|place| place.point).collect()
}

/// Returns the position that is shown of a driver: the last place of the track that begins at the
/// position `before`, with the time of the last fix there. It is never older than `before`.
pub fn marker(before: Option<&Fix>, vehicle: VehicleKind, fixes: &[Fix]) -> Option<Fix> {
    let mut track = Track::default();
    let begins = fixes.first().map(|fix| fix.at);
    let earlier = before.filter(|before| begins.is_none_or(|begins| before.at < begins));
    track.places.extend(earlier.map(|fix| Place { is_confirmed: true, ..Place::at(*fix) }));
    for fix in fixes {
        track.add(*fix, vehicle);
    }
    let last = track.places.last().map(Place::marker);
    match before {
        Some(before) => last.filter(|last| before.at < last.at).or(Some(*before)),
        None => last,
    }
}

/// A track as far as its fixes were read.
#[derive(Default)]
struct Track {
    places: Vec<Place>,
    /// A fix that the vehicle could not have come to from the last place.
    doubted: Option<Fix>,
}

/// A place, and what else is known of it.
#[derive(Clone, Copy)]
struct Place {
    point: TrackPoint,
    /// The last fix at which the driver was still there.
    last: Fix,
    /// True if the vehicle could have come here, or gone on from here.
    is_confirmed: bool,
}

impl Track {
    fn add(&mut self, fix: Fix, vehicle: VehicleKind) {
        if fix.accuracy_m.is_some_and(|accuracy| accuracy > COARSE_ABOVE_M) {
            return;
        }
        let Some(last) = self.places.last_mut() else { return self.places.push(Place::at(fix)) };
        if last.leads_to(&fix, vehicle) {
            last.is_confirmed = true;
            self.doubted = None;
            return self.go_on_to(fix);
        }
        let Some(doubted) = self.doubted.take().map(Place::at) else {
            return self.doubted = Some(fix);
        };
        if !doubted.leads_to(&fix, vehicle) {
            return self.doubted = Some(fix);
        }
        // Two fixes speak against the last place; if none spoke for it, it was the wrong one.
        if !last.is_confirmed {
            self.places.pop();
        }
        self.places.push(Place { is_confirmed: true, ..doubted });
        self.go_on_to(fix);
    }

    /// Adds a fix to the last place, or a place.
    fn go_on_to(&mut self, fix: Fix) {
        match self.places.last_mut() {
            Some(last) if last.is_still_at(&fix) => {
                last.point.until = fix.at;
                last.last = fix;
            }
            _ => self.places.push(Place { is_confirmed: true, ..Place::at(fix) }),
        }
    }
}

impl Place {
    const fn at(fix: Fix) -> Self {
        Self { point: TrackPoint { fix, until: fix.at }, last: fix, is_confirmed: false }
    }

    /// True if the vehicle can be at `fix` after it was here, as far as the fixes are exact.
    fn leads_to(&self, fix: &Fix, vehicle: VehicleKind) -> bool {
        let millis = fix.at.epoch_millis() - self.point.until.epoch_millis();
        let error_m = self.last.accuracy_m.unwrap_or_default() + fix.accuracy_m.unwrap_or_default();
        let most_m = vehicle.top_speed().mul_add(seconds(millis), error_m);
        distance_m(self.point.fix.location, fix.location) <= most_m
    }

    fn is_still_at(&self, fix: &Fix) -> bool {
        let least_m = fix.accuracy_m.unwrap_or_default().max(STANDING_M);
        distance_m(self.point.fix.location, fix.location) < least_m
    }

    /// Returns the place with the time, the speed and the heading of its last fix.
    fn marker(&self) -> Fix {
        Fix { location: self.point.fix.location, ..self.last }
    }
}

impl VehicleKind {
    /// Returns the speed that no driver with this vehicle has, in metres per second.
    const fn top_speed(self) -> f64 {
        match self {
            Self::Foot => 12.0,
            Self::Bike => 25.0,
            Self::Scooter | Self::Car | Self::Van => 60.0,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a time of years is exact")]
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}
