//! Issues reported about an order.

use serde::{Deserialize, Serialize};

use crate::values::name_enum;
use crate::{Lines, Severity, Version};

/// The maximum number of open issues of an order.
pub const MAX_OPEN_ISSUES: usize = 10;

/// The description of an issue, or of its resolution.
pub type Description = Lines<1000>;

/// An open issue; a head stores this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The version of the event that opened the issue.
    pub id: Version,
    pub kind: IssueKind,
    pub severity: Severity,
}

name_enum! {
    /// The subject of an issue.
    pub enum IssueKind as "IssueType": "The subject of an issue." {
        /// The order is late.
        Delay = "delay",
        /// Something is broken or spoilt.
        Damaged = "damaged",
        MissingItem = "missing_item",
        WrongItem = "wrong_item",
        /// The address is wrong or cannot be reached.
        Address = "address",
        /// An amount is wrong.
        Payment = "payment",
        /// A person is in danger.
        Safety = "safety",
        Other = "other",
    }
}
