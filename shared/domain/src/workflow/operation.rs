//! The operations that take steps, and what a request for a step says.

use crate::values::name_enum;
use crate::{
    Answer, DriverId, HandoverCode, Message, Proposal, Reason, Status, StoreId, SubstitutionId,
};

name_enum! {
    /// A request that says more than a status, or less: where `pickup` leads, the order's
    /// workflow knows. Its name is its path behind `POST /orders/{id}/`.
    pub enum Operation as "Operation":
        "An operation on an order: the last part of `POST /orders/{id}/…`."
    {
        /// The store takes the order on.
        Acknowledge = "acknowledge",
        /// The store does not, and says why.
        Reject = "reject",
        /// Another store is asked.
        Reassign = "reassign",
        /// The store begins.
        StartPicking = "start-picking",
        /// The store is done.
        Ready = "ready",
        /// The store proposes substitutes.
        ProposeSubstitutions = "substitutions",
        /// The customer takes one.
        ApproveSubstitution = "substitutions/{substitution}/approve",
        /// The customer does not, and the line is off the order.
        RejectSubstitution = "substitutions/{substitution}/reject",
        /// Names the driver.
        Assign = "assign",
        /// Takes the order from its driver.
        Unassign = "unassign",
        /// The driver has the order.
        Pickup = "pickup",
        /// The customer has it.
        Deliver = "deliver",
        /// Nobody took it, or it could not be brought.
        DeliveryFailed = "delivery-failed",
        /// It is brought again.
        Retry = "retry",
        /// It goes back.
        Return = "return",
        /// It is back.
        Returned = "returned",
    }
}

/// A step that somebody asks for, with what they say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Along a transition that no operation owns.
    ChangeStatus {
        /// Where to.
        to: Status,
    },
    /// By an operation that says nothing more.
    Plain(Operation),
    /// The store does not take the order on.
    Reject {
        /// The reason.
        reason: Reason,
        reassign_to: Option<StoreId>,
    },
    /// Another store is asked.
    Reassign { store: StoreId },
    /// The customer is asked to take other products: one at least.
    ProposeSubstitutions(Vec<Proposal>),
    /// That is answered.
    AnswerSubstitution {
        id: SubstitutionId,
        /// With what.
        answer: Answer,
    },
    /// The order is given to a driver.
    Assign {
        /// To whom.
        driver: DriverId,
    },
    /// The order is taken from its driver.
    Unassign {
        /// The reason.
        reason: Reason,
    },
    /// The order is handed over.
    Deliver {
        code: Option<HandoverCode>,
        /// A note about the handover, visible to everyone who can see the order.
        note: Option<Message>,
    },
    /// The order could not be handed over.
    DeliveryFailed {
        /// The reason.
        reason: Reason,
    },
}

impl Step {
    /// The operation that takes it; none for a change of status.
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
                answer: Answer::Rejected | Answer::LineCancelled, ..
            } => Operation::RejectSubstitution,
            Self::Assign { .. } => Operation::Assign,
            Self::Unassign { .. } => Operation::Unassign,
            Self::Deliver { .. } => Operation::Deliver,
            Self::DeliveryFailed { .. } => Operation::DeliveryFailed,
        })
    }
}

impl Operation {
    /// Whether it alone may take its step, because it says or proves more than where the
    /// order goes; the steps of the others a change of status takes too.
    pub const fn owns_its_step(self) -> bool {
        match self {
            Self::Reject
            | Self::Reassign
            | Self::ProposeSubstitutions
            | Self::ApproveSubstitution
            | Self::RejectSubstitution
            | Self::Assign
            | Self::Unassign
            | Self::Deliver
            | Self::DeliveryFailed => true,
            Self::Acknowledge
            | Self::StartPicking
            | Self::Ready
            | Self::Pickup
            | Self::Retry
            | Self::Return
            | Self::Returned => false,
        }
    }
}
