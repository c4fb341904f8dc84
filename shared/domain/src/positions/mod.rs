//! Positions of drivers: the fixes that they upload, and the drivers nearest to a point.

mod candidate;
mod cell;
mod distance;
mod fix;
mod nearest;
mod upload;

pub use candidate::{Candidate, Ranked, ranked};
pub use cell::Cell;
pub use distance::{EARTH_RADIUS_M, distance_m};
pub use fix::Fix;
pub use nearest::{Nearest, NextStep};
pub use upload::{Advice, Ignored, MAX_FIX_AGE_S, Verdicts};

#[cfg(test)]
mod tests;
