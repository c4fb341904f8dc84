//! Issues that are reported about an order.

use serde::{Deserialize, Serialize};

use crate::values::name_enum;
use crate::{Severity, Text, Version};

/// The most open issues of one order.
pub const MAX_OPEN_ISSUES: usize = 10;

/// The description of an issue, or of its resolution.
pub type Description = Text<1000>;

/// An issue that nobody has resolved; this is also how a head stores it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its name: the version of the event that opened it.
    pub id: Version,
    pub kind: IssueKind,
    /// How bad it is.
    pub severity: Severity,
}

name_enum! {
    /// The subject of an issue.
    pub enum IssueKind as "IssueType": "The subject of an issue." {
        /// The order is later than it should be.
        Delay = "delay",
        /// Something is broken or spoilt.
        Damaged = "damaged",
        /// Something is not there.
        MissingItem = "missing_item",
        /// Something else is there.
        WrongItem = "wrong_item",
        /// The address is wrong or not to be reached.
        Address = "address",
        /// The money does not add up.
        Payment = "payment",
        /// Somebody is in danger.
        Safety = "safety",
        /// Anything else.
        Other = "other",
    }
}
