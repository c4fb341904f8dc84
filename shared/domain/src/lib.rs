//! The rules of orders: pure functions over plain types.
//!
//! This crate does no I/O, reads no clock, draws no random numbers and knows neither HTTP nor
//! AWS; the time and new ids are arguments. Each module imports only from those before it in
//! the order `values`, `people`, `stores`, `drivers`, `positions`, `workflow`, `orders`, `visibility`,
//! `reports`, `webhooks`.
//! Decisions in `orders` are the exception: they ask `visibility` if a principal sees the order.

mod drivers;
mod orders;
mod people;
mod positions;
mod reports;
mod stores;
pub mod topics;
pub(crate) mod values;
pub mod visibility;
pub mod webhooks;
pub mod workflow;

pub use drivers::*;
pub use orders::*;
pub use people::*;
pub use positions::*;
pub use reports::*;
pub use stores::*;
pub use values::*;
pub use workflow::{
    Ladder, Measure, Operation, Phase, Rung, Stamp, Status, StatusClock, Step, Transition,
    Workflow, statuses,
};

#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;
