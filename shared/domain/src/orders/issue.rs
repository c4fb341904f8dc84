//! Issues reported about an order: their authors, and the parties who may resolve them.

use serde::{Deserialize, Serialize};

use crate::values::name_enum;
use crate::{DriverId, Lines, Order, Party, Principal, Role, Severity, Version};

/// The maximum number of open issues of an author on an order.
pub const MAX_ISSUES_OF_AUTHOR: usize = 5;

/// The maximum number of open issues of merchant, drivers and customer together on an order.
/// Operations and support have their own besides, so that nobody keeps them from opening one.
pub const MAX_ISSUES_OF_PARTIES: usize = 20;

/// The description of an issue, or of its resolution.
pub type Description = Lines<1000>;

/// An open issue; a head stores this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The version of the event that opened the issue.
    pub id: Version,
    pub kind: IssueKind,
    pub severity: Severity,
    /// `None` for an issue from before authors were recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Author>,
}

/// The author of an issue, as events and heads store it. Only a driver has an id here, because an
/// order can have another driver later; a head holds no more ids of people than it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    Ops,
    Support,
    Merchant,
    Driver(DriverId),
    /// Anyone with the order's customer reference.
    Customer,
}

impl Author {
    /// Returns the author that `principal`, who sees the order, is of an issue; `None` for
    /// Waybill itself.
    pub(crate) fn of(principal: &Principal, order: &Order) -> Option<Self> {
        match &principal.party {
            Party::Ops => Some(Self::Ops),
            Party::Support => Some(Self::Support),
            Party::Merchant { .. } => Some(Self::Merchant),
            Party::Driver => order.driver.clone().map(Self::Driver),
            Party::Customer { .. } => Some(Self::Customer),
            Party::System => None,
        }
    }

    const fn is_party(&self) -> bool {
        match self {
            Self::Ops | Self::Support => false,
            Self::Merchant | Self::Driver(_) | Self::Customer => true,
        }
    }
}

impl Order {
    /// True if the author may open another issue.
    pub(super) fn has_room_for_issue_of(&self, author: &Author) -> bool {
        let own = self.issues.iter().filter(|issue| issue.by.as_ref() == Some(author)).count();
        // Issues without an author count as those of parties.
        let is_partys = |issue: &&Issue| issue.by.as_ref().is_none_or(Author::is_party);
        let parties = self.issues.iter().filter(is_partys).count();
        own < MAX_ISSUES_OF_AUTHOR && (!author.is_party() || parties < MAX_ISSUES_OF_PARTIES)
    }
}

impl Issue {
    /// True if `principal`, who sees the order, may resolve the issue.
    pub(super) fn is_resolved_by(&self, principal: &Principal, order: &Order) -> bool {
        match principal.role() {
            Role::Ops | Role::Support => true,
            _ if self.kind.is_reserved() => false,
            Role::Merchant => true,
            Role::Driver | Role::Customer => {
                self.by.is_some() && self.by == Author::of(principal, order)
            }
            Role::System => false,
        }
    }
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

impl IssueKind {
    /// True if only operations and support may resolve issues of this kind: those involved are
    /// not to close them among themselves.
    pub const fn is_reserved(self) -> bool {
        match self {
            Self::Safety | Self::Payment => true,
            Self::Delay
            | Self::Damaged
            | Self::MissingItem
            | Self::WrongItem
            | Self::Address
            | Self::Other => false,
        }
    }
}
