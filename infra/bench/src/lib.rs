//! Measures on this machine how much Waybill costs, how it scales and how fast it is.

pub mod cli;
pub mod costs;
pub mod crowd;
pub mod hot_topics;
pub mod uploads;
