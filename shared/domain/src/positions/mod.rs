//! Positions of drivers: the fixes that they upload, the tracks that follow from them, and the drivers
//! nearest to a point.

mod candidate;
mod cell;
mod distance;
mod fix;
mod nearest;
mod run;
mod stop;
mod track;
mod upload;

pub use candidate::{Candidate, Ranked, ranked};
pub use cell::Cell;
pub use distance::{EARTH_RADIUS_M, distance_m};
pub use fix::Fix;
pub use nearest::{Nearest, NextStep};
pub use run::{MAX_RUN_S, Run};
pub use stop::{MAX_STOPS, Stop};
pub use track::{TrackPoint, marker, track};
pub use upload::{Advice, Ignored, Outage, Verdicts};

#[cfg(test)]
mod tests;
