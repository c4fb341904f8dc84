//! Alerts that Waybill raises about an order, and their severity.

use serde::{Deserialize, Serialize};

use super::name_enum;

name_enum! {
    /// The subject of an alert.
    pub enum AlertKind as "AlertType": "The subject of an alert." {
        /// The store has neither acknowledged nor rejected the order in time.
        LateAcknowledgement = "late_acknowledgement",
        /// The order needs a driver and has none.
        NoDriver = "no_driver",
        /// The order has exceeded its status's time limit.
        Delayed = "delayed",
    }
}

name_enum! {
    /// The severity of an issue or an alert, in ascending order.
    pub enum Severity as "Severity": "The severity of an issue." {
        /// Can wait.
        Low = "low",
        /// To be handled today.
        Medium = "medium",
        /// To be handled immediately.
        High = "high",
        /// Takes priority over everything else.
        Critical = "critical",
    }
}

/// An alert as it was raised, in the form in which events store it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    #[serde(rename = "alert")]
    pub kind: AlertKind,
    pub severity: Severity,
    /// The time limit of the order's status, in seconds; 0 if dispatch found nobody before it, or
    /// there is none.
    pub limit: u32,
}
