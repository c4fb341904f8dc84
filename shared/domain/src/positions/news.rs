//! The positions that may be news to an order.

use super::distance::distance_m;
use super::silence::LEAST_S;
use super::{Eta, Fix, Stop, Way};
use crate::{Location, VehicleKind};

/// The distance from a stop within which a driver may arrive, or may have been when the order was picked
/// up, in metres.
const NEAR_M: f64 = 300.0;

/// The time before the arrival at which a driver begins to approach, in seconds.
pub const APPROACHING_S: i64 = 5 * 60;

/// The part of an estimate that is compared, in seconds: a change is noticed after this time at most.
const STEP_S: i64 = 60;

/// True if the orders of these stops may have something to tell when the driver, who was at `before`, is
/// at `after`, and these fixes are `new`. Only then their heads are worth reading: while the driver comes
/// to one of the stops at the usual speed, far from all of them, nothing changes.
pub fn may_be_news(
    before: &Fix,
    after: &Fix,
    new: &[Fix],
    stops: &[Stop],
    vehicle: VehicleKind,
) -> bool {
    let places = stops.iter().flat_map(|stop| [stop.pickup, stop.dropoff]).flatten();
    let is_near = |place| {
        let mut fixes = [before, after].into_iter().chain(new);
        fixes.any(|fix| distance_m(fix.location, place) <= NEAR_M)
    };
    // There may have been a gap.
    let was_silent = before.at.plus_seconds(LEAST_S) < after.at;
    if was_silent || places.clone().any(is_near) {
        return !stops.is_empty();
    }
    let estimate = |fix: &Fix, place: Location| {
        let way = Way { distance_m: distance_m(fix.location, place), stops_before: 0 };
        Eta::of(fix, way, vehicle, fix.at).arrives_at.epoch_seconds()
    };
    let comes_as_expected = |place| {
        let step = |fix| estimate(fix, place).div_euclid(STEP_S);
        step(before) == step(after)
    };
    let begins_to_approach = |place| {
        let is_close = |fix: &Fix| estimate(fix, place) - fix.at.epoch_seconds() <= APPROACHING_S;
        !is_close(before) && is_close(after)
    };
    let mut expected = places.clone();
    places.clone().any(begins_to_approach)
        || (places.count() > 0 && !expected.any(comes_as_expected))
}
