//! Plays template.yaml on one machine.

pub mod gateway;
pub mod invoke;
pub mod template;
