//! Plays template.yaml on one machine.

pub mod cli;
pub mod costs;
pub mod crowd;
pub mod data_folder;
pub mod docs;
pub mod dynamodb;
pub mod follow;
pub mod gateway;
pub mod hot_topics;
pub mod iam;
pub mod invoke;
pub mod issuer;
pub mod meter;
pub mod queue;
pub mod runner;
pub mod stream;
pub mod template;
pub mod time_scale;
pub mod transport;
pub mod workflows;
