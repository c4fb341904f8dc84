//! Tests of the rules as a whole; what one type promises is tested beside it.

mod chance;
mod clocks;
mod creation;
mod heads;
mod histories;
pub(crate) mod life;
mod money;
mod paths;
mod reach;
mod refusals;
pub(crate) mod samples;
mod sight;
mod sight_of_baskets;
mod sight_of_events;
mod workflows;
