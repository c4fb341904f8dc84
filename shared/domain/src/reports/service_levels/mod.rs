//! How long orders stand where they stand, and how long they may: of one order, and of
//! many.

mod histogram;
mod levels;
mod timeline;

pub use histogram::Histogram;
pub use levels::{ServiceLevel, ServiceLevels, open_statuses};
pub use timeline::{Breach, Stage, Timeline};

#[cfg(test)]
mod tests;
