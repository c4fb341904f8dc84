//! The data that a decision reads besides the order's head. It is declared here, and read by
//! `Db::known` for requests and deadline sweeps alike.

use crate::{Action, Command, HandoverCode, Order, Step};

/// The data that a decision needs besides the order's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub handover_code: bool,
}

/// The data that was read for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub handover_code: Option<HandoverCode>,
}

impl Known {
    /// No data besides the head.
    pub const NOTHING: Self = Self { handover_code: None };
}

impl Needs {
    /// Returns the needs of the decision on `command`.
    pub fn of(order: &Order, command: &Command) -> Self {
        let names_code =
            matches!(command.action, Action::Step(Step::Deliver { code: Some(_), .. }));
        Self { handover_code: names_code && order.handover.is_some() }
    }

    /// Returns the needs of both decisions.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { handover_code: self.handover_code || other.handover_code }
    }
}
