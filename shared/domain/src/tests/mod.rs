//! Tests of the rules as a whole; a single type's guarantees are tested next to the type.

mod clocks;
mod creation;
mod dispatch;
mod facts;
mod heads;
mod histories;
mod issues;
mod loads;
mod money;
mod offers;
mod paths;
mod reach;
mod refusals;
mod sight;
mod sight_of_baskets;
mod sight_of_couriers;
mod sight_of_events;
mod sight_of_positions;
mod workflows;
