//! The rules of orders: pure functions over plain types.
//!
//! Nothing here does I/O, reads a clock, draws a random number or knows HTTP or
//! AWS; time and ids come in as arguments. Imports point one way: `values`, `people`,
//! `workflow`, `orders`, `visibility`, `reports`; but for decisions, which ask
//! `visibility` whether somebody sees an order at all.

mod orders;
mod people;
mod reports;
pub mod topics;
pub(crate) mod values;
pub mod visibility;
pub mod workflow;

pub use orders::*;
pub use people::*;
pub use reports::*;
pub use values::*;
pub use workflow::{
    Ladder, Measure, Operation, Phase, Rung, Stamp, Status, StatusClock, Step, Transition,
    Workflow, statuses,
};

#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;
