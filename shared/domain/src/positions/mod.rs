//! Positions of drivers: the fixes that they upload, the tracks that follow from them, and the drivers
//! nearest to a point.

mod arrival;
mod candidate;
mod cell;
mod distance;
mod eta;
mod fix;
mod nearest;
mod news;
mod route;
mod run;
mod silence;
mod stop;
mod track;
mod upload;
mod visits;

pub use arrival::arrival;
pub use candidate::{Candidate, Ranked, ranked};
pub use cell::Cell;
pub use distance::{EARTH_RADIUS_M, distance_m};
pub use eta::{Eta, EtaBasis};
pub use fix::Fix;
pub use nearest::{Nearest, NextStep};
pub use news::{APPROACHING_S, may_be_news};
pub use route::{StopKind, Way, way_to};
pub use run::{MAX_RUN_S, Run};
pub use stop::{MAX_STOPS, Stop};
pub use track::{TrackPoint, marker, track};
pub use upload::{Advice, Ignored, Outage, Verdicts, Watch};
pub use visits::visited_before;

#[cfg(test)]
mod tests;
