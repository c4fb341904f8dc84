//! Alerts that Waybill raises about an order, and their severity.

use serde::{Deserialize, Serialize};

use super::name_enum;

name_enum! {
    /// The subject of an alert.
    pub enum AlertKind as "AlertType": "The subject of an alert." {
        /// The store has not said whether it takes the order on.
        LateAcknowledgement = "late_acknowledgement",
        /// The order is ready, and nobody is there to carry it.
        NoDriver = "no_driver",
        /// The order stands where it stands for too long.
        Delayed = "delayed",
    }
}

name_enum! {
    /// How bad an issue is, the least first.
    pub enum Severity as "Severity": "The severity of an issue." {
        /// It can wait.
        Low = "low",
        /// It is for today.
        Medium = "medium",
        /// It is for now.
        High = "high",
        /// Everything else waits.
        Critical = "critical",
    }
}

/// An alert, as it was raised; this is also how an event stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    #[serde(rename = "alert")]
    pub kind: AlertKind,
    /// How bad that is.
    pub severity: Severity,
    /// How long the order may stand where it stood, in seconds.
    pub limit: u32,
}
