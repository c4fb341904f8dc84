//! Reports over many orders.

mod service_levels;

pub use service_levels::{
    Accuracy, Breach, Estimate, Histogram, ServiceLevel, ServiceLevels, Stage, StageOffers,
    Timeline, open_statuses,
};
