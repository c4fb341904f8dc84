//! The arrival of a driver at a stop.

use super::Fix;
use super::distance::distance_m;
use crate::Location;

/// The distance from a stop within which a driver is there, in metres: the parking space is seldom at
/// the door.
const THERE_M: f64 = 80.0;

/// The accuracy in metres above which a fix does not say whether a driver is there.
const COARSE_ABOVE_M: f64 = 80.0;

/// Returns the fix with which a driver has arrived at a stop: the second of two in a row that are
/// there, so that nobody arrives by a single wrong fix. `fixes` are in order of time; one
/// of the time of another, and coarse ones, do not count.
pub fn arrival(fixes: &[Fix], stop: Location) -> Option<Fix> {
    let is_exact = |fix: &&Fix| fix.accuracy_m.is_none_or(|accuracy| accuracy <= COARSE_ABOVE_M);
    let mut before: Option<&Fix> = None;
    for fix in fixes.iter().filter(is_exact) {
        if before.is_some_and(|before| before.at == fix.at) {
            continue;
        }
        let is_there = |fix: &Fix| distance_m(fix.location, stop) <= THERE_M;
        if before.is_some_and(is_there) && is_there(fix) {
            return Some(*fix);
        }
        before = Some(fix);
    }
    None
}
