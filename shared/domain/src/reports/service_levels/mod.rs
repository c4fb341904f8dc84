//! The time that orders stay in each status, and its limits: the timeline of one order, and the
//! service levels of many.

mod estimates;
mod histogram;
mod levels;
mod timeline;

pub use estimates::{Accuracy, Estimate};
pub use histogram::Histogram;
pub use levels::{ServiceLevel, ServiceLevels, open_statuses};
pub use timeline::{Breach, Stage, StageOffers, Timeline};

#[cfg(test)]
mod tests;
