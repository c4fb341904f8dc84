//! The data that a decision reads besides the order's head. It is declared here, and read by
//! `Db::known` for requests and deadline sweeps alike.

use crate::{Action, Actor, Command, HandoverCode, Order, Phase, Step};

/// The data that a decision needs besides the order's head.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    pub handover_code: bool,
    /// The actor who closed the order.
    pub closed_by: bool,
}

/// The data that was read for a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub handover_code: Option<HandoverCode>,
    pub closed_by: Option<Actor>,
}

impl Known {
    /// No data besides the head.
    pub const NOTHING: Self = Self { handover_code: None, closed_by: None };
}

impl Needs {
    /// Returns the needs of the decision on `command`.
    pub fn of(order: &Order, command: &Command) -> Self {
        let names_code =
            matches!(command.action, Action::Step(Step::Deliver { code: Some(_), .. }));
        let handover_code = names_code && order.handover.is_some();
        let closed_by =
            matches!(&command.action, Action::Step(step) if order.is_given_up_as_by(step));
        Self { handover_code, closed_by }
    }

    /// Returns the needs of both decisions.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            handover_code: self.handover_code || other.handover_code,
            closed_by: self.closed_by || other.closed_by,
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
