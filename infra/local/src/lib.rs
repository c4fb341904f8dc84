//! Plays template.yaml on one machine.

pub mod dynamodb;
pub mod stream;
pub mod transport;
