//! The data that a decision reads besides the order's head. It is declared here, and read by
//! `Db::known` for requests and deadline sweeps alike.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Action, Actor, Command, Currency, DriverId, Drivers, HandoverCode, InPlace, LineItem, Order,
    Phase, Proposal, Roster, Step, StoreId,
};

/// The data that a decision needs besides the order's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each need is independent of the others")]
pub struct Needs {
    pub handover_code: bool,
    /// The items of the order, whose quantities no head has, and their currency.
    pub items: bool,
    /// The actor who closed the order.
    pub closed_by: bool,
    pub stores: bool,
    /// The drivers whose rosters are read.
    pub drivers: BTreeSet<DriverId>,
}

/// The data that was read for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub handover_code: Option<HandoverCode>,
    /// The items of the order, from line 1 on.
    pub items: Vec<LineItem>,
    pub currency: Option<Currency>,
    pub closed_by: Option<Actor>,
    /// The stores that the merchant has registered; empty if it has registered none, and every
    /// name is a store.
    pub stores: BTreeSet<StoreId>,
    /// The rosters of those drivers who have one.
    pub rosters: BTreeMap<DriverId, Roster>,
    /// The drivers who can carry the merchant's orders, if they have no roster.
    pub drivers: Drivers,
}

impl Known {
    /// True if the merchant has no list of stores, or has the store on it.
    pub fn has_store(&self, store: &StoreId) -> bool {
        self.stores.is_empty() || self.stores.contains(store)
    }

    /// No data besides the head.
    pub const NOTHING: &'static Self = &Self {
        handover_code: None,
        items: Vec::new(),
        currency: None,
        closed_by: None,
        stores: BTreeSet::new(),
        rosters: BTreeMap::new(),
        drivers: Drivers::Any,
    };
}

impl Needs {
    /// Returns the needs of the decision on `command`.
    pub fn of(order: &Order, command: &Command) -> Self {
        match &command.action {
            Action::Step(Step::Deliver { code: Some(_), .. }) => {
                Self { handover_code: order.handover.is_some(), ..Self::default() }
            }
            Action::Step(Step::ProposeSubstitutions(proposals)) => {
                Self { items: proposals.iter().any(Proposal::is_of_fewer), ..Self::default() }
            }
            Action::Step(Step::Reassign { .. } | Step::Reject { reassign_to: Some(_), .. }) => {
                Self { stores: true, ..Self::default() }
            }
            Action::Step(Step::Assign { driver, .. } | Step::Accept { driver }) => {
                Self { drivers: [driver.clone()].into(), ..Self::default() }
            }
            Action::Step(Step::Reopen { .. }) => {
                let driver = order.driver.clone().filter(|_| order.is_load);
                Self { drivers: driver.into_iter().collect(), ..Self::default() }
            }
            Action::Step(step) => {
                Self { closed_by: order.is_given_up_as_by(step), ..Self::default() }
            }
            Action::InPlace(InPlace::CorrectDetails(correction)) => {
                Self { items: !correction.items.is_empty(), ..Self::default() }
            }
            Action::InPlace(InPlace::Offer(offering)) => {
                Self { drivers: offering.drivers.iter().cloned().collect(), ..Self::default() }
            }
            Action::InPlace(_) => Self::default(),
        }
    }

    /// Returns the needs of both decisions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            handover_code: self.handover_code || other.handover_code,
            items: self.items || other.items,
            closed_by: self.closed_by || other.closed_by,
            stores: self.stores || other.stores,
            drivers: self.drivers.into_iter().chain(other.drivers).collect(),
        }
    }
}

impl Order {
    /// True if the order is cancelled or given up, and the step would do just that.
    pub(super) fn is_given_up_as_by(&self, step: &Step) -> bool {
        match (self.status.phase(), step) {
            (Phase::Cancelled, Step::Cancel { .. }) | (Phase::Failed, Step::Fail { .. }) => true,
            (Phase::Cancelled | Phase::Failed, Step::ChangeStatus { to }) => *to == self.status,
            _ => false,
        }
    }
}
