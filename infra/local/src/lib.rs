//! Plays template.yaml on one machine.

pub mod template;
