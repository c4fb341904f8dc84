//! The data that a decision reads besides the order's head. It is declared here, and read by
//! `Db::known` for requests and deadline sweeps alike.

use std::collections::BTreeSet;

use crate::{Action, Command, HandoverCode, Order, Step, StoreId};

/// The data that a decision needs besides the order's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub handover_code: bool,
    pub stores: bool,
}

/// The data that was read for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub handover_code: Option<HandoverCode>,
    /// The stores that the merchant has registered; empty if it has registered none, and every
    /// name is a store.
    pub stores: BTreeSet<StoreId>,
}

impl Known {
    /// True if the merchant has no list of stores, or has the store on it.
    pub fn has_store(&self, store: &StoreId) -> bool {
        self.stores.is_empty() || self.stores.contains(store)
    }

    /// No data besides the head.
    pub const NOTHING: &'static Self = &Self { handover_code: None, stores: BTreeSet::new() };
}

impl Needs {
    /// Returns the needs of the decision on `command`.
    pub fn of(order: &Order, command: &Command) -> Self {
        let names_code =
            matches!(command.action, Action::Step(Step::Deliver { code: Some(_), .. }));
        let stores = matches!(
            command.action,
            Action::Step(Step::Reassign { .. } | Step::Reject { reassign_to: Some(_), .. })
        );
        Self { handover_code: names_code && order.handover.is_some(), stores }
    }

    /// Returns the needs of both decisions.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            handover_code: self.handover_code || other.handover_code,
            stores: self.stores || other.stores,
        }
    }
}
