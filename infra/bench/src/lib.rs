//! What Waybill costs, how it scales and how fast it is, measured on this machine.

pub mod cli;
pub mod costs;
pub mod crowd;
pub mod hot_topics;
