//! The drivers who can be given an order, the best first.

use clock::Timestamp;

use super::Fix;
use super::distance::distance_m;
use crate::{Location, Roster};

/// The detour that an order which a driver already has counts as, in metres.
const METRES_PER_ORDER: f64 = 500.0;

/// The accuracy in metres above which a fix says little about where the driver is.
const COARSE_ABOVE_M: f64 = 500.0;

/// A driver on duty, with the last fix of this duty.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub roster: Roster,
    pub fix: Fix,
}

/// A candidate, with the distance.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranked {
    pub candidate: Candidate,
    /// In metres.
    pub distance_m: f64,
}

impl Candidate {
    /// True if the driver may be elsewhere by now, or have been then.
    fn is_vague(&self, now: Timestamp) -> bool {
        self.fix.is_stale(now)
            || self.fix.accuracy_m.is_some_and(|accuracy| accuracy > COARSE_ABOVE_M)
    }
}

/// Ranks drivers by their distance from a point, and a detour for each order that they have. Drivers
/// whose position is older than three minutes or coarser than 500 m come last.
pub fn ranked(candidates: Vec<Candidate>, from: Location, now: Timestamp) -> Vec<Ranked> {
    let with_distance = |candidate: Candidate| {
        let distance_m = distance_m(from, candidate.fix.location);
        Ranked { candidate, distance_m }
    };
    let mut ranked: Vec<_> = candidates.into_iter().map(with_distance).collect();
    ranked.sort_by(|one, other| {
        let vague = |it: &Ranked| it.candidate.is_vague(now);
        let by_way = one.way_m().total_cmp(&other.way_m());
        let id = |it: &Ranked| it.candidate.roster.driver.clone();
        vague(one).cmp(&vague(other)).then(by_way).then_with(|| id(one).cmp(&id(other)))
    });
    ranked
}

impl Ranked {
    fn way_m(&self) -> f64 {
        let orders = u32::try_from(self.candidate.roster.orders.len()).unwrap_or(u32::MAX);
        self.distance_m + METRES_PER_ORDER * f64::from(orders)
    }
}
