//! The operations that take steps, and the arguments of a requested step.

use crate::values::name_enum;
use crate::{
    Answer, DriverId, HandoverCode, Message, Proposal, Reason, Status, StoreId, SubstitutionId,
    Transition,
};

name_enum! {
    /// An operation on an order. Unlike a change of status it carries arguments, or leaves the
    /// target status to the workflow, as `pickup` does. Its name is its path after
    /// `POST /orders/{id}/`.
    pub enum Operation as "Operation":
        "An operation on an order: the last part of `POST /orders/{id}/…`."
    {
        /// The store accepts the order.
        Acknowledge = "acknowledge",
        /// The store rejects the order, with a reason.
        Reject = "reject",
        Reassign = "reassign",
        StartPicking = "start-picking",
        /// The store has finished preparing the order.
        Ready = "ready",
        ProposeSubstitutions = "substitutions",
        ApproveSubstitution = "substitutions/{substitution}/approve",
        /// The customer rejects a substitute, and the line is removed.
        RejectSubstitution = "substitutions/{substitution}/reject",
        /// The merchant starts to process the order.
        Process = "process",
        /// Assigns a driver.
        Assign = "assign",
        /// A driver takes the order that is offered.
        Accept = "accept",
        /// Removes the driver.
        Unassign = "unassign",
        /// The carrier takes the order.
        Pickup = "pickup",
        /// The order is on its way to the customer.
        Depart = "depart",
        /// The order is handed over to the customer.
        Deliver = "deliver",
        /// Nobody accepted the order, or it could not be delivered.
        DeliveryFailed = "delivery-failed",
        /// Another delivery attempt starts.
        Retry = "retry",
        /// The order starts its way back.
        Return = "return",
        /// The order is back at its origin.
        Returned = "returned",
        Cancel = "cancel",
        /// Operations give the order up.
        Fail = "fail",
        /// Operations put a wrong delivery right: the order is open again.
        Reopen = "reopen",
    }
}

/// A requested step, with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A transition that no operation owns.
    ChangeStatus {
        to: Status,
    },
    /// An operation without arguments.
    Plain(Operation),
    Reject {
        reason: Reason,
        reassign_to: Option<StoreId>,
    },
    Reassign {
        store: StoreId,
    },
    /// Proposes substitutes or shortages, at least one.
    ProposeSubstitutions(Vec<Proposal>),
    AnswerSubstitution {
        id: SubstitutionId,
        answer: Answer,
    },
    Assign {
        driver: DriverId,
        /// True if the driver may take the place of another one.
        replace: bool,
    },
    /// Accepts the standing offer.
    Accept {
        driver: DriverId,
    },
    Unassign {
        reason: Reason,
    },
    Deliver {
        code: Option<HandoverCode>,
        /// A note about the handover, visible to everyone who can see the order.
        note: Option<Message>,
    },
    DeliveryFailed {
        reason: Reason,
    },
    Cancel {
        reason: Reason,
    },
    Fail {
        reason: Reason,
    },
    Reopen {
        reason: Reason,
    },
}

impl Step {
    /// True if the transition leads where the step is to lead, from whatever status.
    pub fn can_take(&self, transition: &Transition) -> bool {
        match self {
            Self::ChangeStatus { to } => transition.to == *to,
            _ => transition.operation == self.operation(),
        }
    }

    /// Returns the operation that takes the step; `None` for a change of status.
    pub const fn operation(&self) -> Option<Operation> {
        Some(match self {
            Self::ChangeStatus { .. } => return None,
            Self::Plain(operation) => *operation,
            Self::Reject { .. } => Operation::Reject,
            Self::Reassign { .. } => Operation::Reassign,
            Self::ProposeSubstitutions(_) => Operation::ProposeSubstitutions,
            Self::AnswerSubstitution { answer: Answer::Approved, .. } => {
                Operation::ApproveSubstitution
            }
            Self::AnswerSubstitution {
                answer: Answer::Rejected | Answer::LineCancelled | Answer::NotNeeded,
                ..
            } => Operation::RejectSubstitution,
            Self::Assign { .. } => Operation::Assign,
            Self::Accept { .. } => Operation::Accept,
            Self::Unassign { .. } => Operation::Unassign,
            Self::Deliver { .. } => Operation::Deliver,
            Self::DeliveryFailed { .. } => Operation::DeliveryFailed,
            Self::Cancel { .. } => Operation::Cancel,
            Self::Fail { .. } => Operation::Fail,
            Self::Reopen { .. } => Operation::Reopen,
        })
    }
}

impl Operation {
    /// Returns true if only this operation may take its step, because it states or proves more
    /// than the target status. A change of status can also take the steps of the other
    /// operations.
    pub const fn owns_its_step(self) -> bool {
        match self {
            Self::Reject
            | Self::Reassign
            | Self::ProposeSubstitutions
            | Self::ApproveSubstitution
            | Self::RejectSubstitution
            | Self::Assign
            | Self::Accept
            | Self::Unassign
            | Self::Deliver
            | Self::DeliveryFailed
            | Self::Reopen => true,
            Self::Acknowledge
            | Self::StartPicking
            | Self::Ready
            | Self::Process
            | Self::Pickup
            | Self::Depart
            | Self::Retry
            | Self::Return
            | Self::Returned
            | Self::Cancel
            | Self::Fail => false,
        }
    }
}
