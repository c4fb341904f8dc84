//! Tests of the rules as a whole; what one type promises is tested beside it.

mod creation;
mod heads;
mod histories;
mod life;
pub(crate) mod samples;
mod sight;
mod sight_of_events;
mod workflows;
