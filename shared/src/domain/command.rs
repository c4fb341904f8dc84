//! What somebody wants of an order.

use super::time::Timestamp;
use super::{
    Alert, Answer, Description, DetailsField, DriverId, HandoverCode, IssueKind, Message, Metadata,
    Note, Operation, Principal, Proposal, Reason, Severity, Status, StoreId, SubstitutionId,
    Version,
};

/// What somebody wants of an order, and what they say with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What they want.
    pub action: Action,
    /// What is said with it.
    pub remarks: Remarks,
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Self { action, remarks: Remarks::default() }
    }
}

/// What somebody wants of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Move it along an edge that no operation owns.
    ChangeStatus {
        /// Where to.
        to: Status,
    },
    /// Take it on, as its store.
    Acknowledge,
    /// Not take it on.
    Reject {
        /// Why.
        reason: Reason,
        /// Which store to ask at once.
        reassign_to: Option<StoreId>,
    },
    /// Ask another store.
    Reassign {
        /// Which.
        store: StoreId,
    },
    /// Begin to pick it.
    StartPicking,
    /// Have it ready.
    Ready,
    /// Ask the customer to take other products: one at least.
    ProposeSubstitutions(Vec<Proposal>),
    /// Answer that.
    AnswerSubstitution {
        /// Which of them.
        id: SubstitutionId,
        /// With what.
        answer: Answer,
    },
    /// Give it to a driver.
    Assign {
        /// To whom.
        driver: DriverId,
    },
    /// Take it from its driver.
    Unassign {
        /// Why.
        reason: Reason,
    },
    /// Leave with it.
    Pickup,
    /// Hand it over.
    Deliver {
        /// What the customer named as its code.
        code: Option<HandoverCode>,
        /// What is said of the handing over, for everybody on the order.
        note: Option<Message>,
    },
    /// Tell that it could not be handed over.
    DeliveryFailed {
        /// Why.
        reason: Reason,
    },
    /// Bring it again.
    Retry,
    /// Send it back.
    Return,
    /// Have it back.
    Returned,
    /// Tell that something is wrong with it.
    OpenIssue {
        /// What.
        kind: IssueKind,
        /// How bad that is.
        severity: Severity,
        /// What happened.
        description: Description,
    },
    /// Have dealt with that.
    ResolveIssue {
        /// Which of them.
        id: Version,
        /// What was done, for everybody on the order.
        resolution: Description,
    },
    /// Correct its details.
    CorrectDetails {
        /// Which.
        fields: Vec<DetailsField>,
    },
    /// Erase its details.
    EraseDetails,
    /// Tell that it stands where it stands for too long.
    RaiseAlert(Alert),
}

impl Action {
    /// The operation that takes this step; none for a change of status, and for what
    /// is no step.
    pub const fn operation(&self) -> Option<Operation> {
        Some(match self {
            Self::Acknowledge => Operation::Acknowledge,
            Self::Reject { .. } => Operation::Reject,
            Self::Reassign { .. } => Operation::Reassign,
            Self::StartPicking => Operation::StartPicking,
            Self::Ready => Operation::Ready,
            Self::ProposeSubstitutions(_) => Operation::ProposeSubstitutions,
            Self::AnswerSubstitution { answer: Answer::Approved, .. } => {
                Operation::ApproveSubstitution
            }
            Self::AnswerSubstitution {
                answer: Answer::Rejected | Answer::LineCancelled, ..
            } => Operation::RejectSubstitution,
            Self::Assign { .. } => Operation::Assign,
            Self::Unassign { .. } => Operation::Unassign,
            Self::Pickup => Operation::Pickup,
            Self::Deliver { .. } => Operation::Deliver,
            Self::DeliveryFailed { .. } => Operation::DeliveryFailed,
            Self::Retry => Operation::Retry,
            Self::Return => Operation::Return,
            Self::Returned => Operation::Returned,
            Self::ChangeStatus { .. }
            | Self::OpenIssue { .. }
            | Self::ResolveIssue { .. }
            | Self::CorrectDetails { .. }
            | Self::EraseDetails
            | Self::RaiseAlert(_) => return None,
        })
    }
}

/// What may be said with a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// For operations, support and the merchant.
    pub note: Option<Note>,
    /// For everybody on the order.
    pub message: Option<Message>,
    /// Free pairs of the event.
    pub metadata: Metadata,
}

/// Who decides, when, and on what beside the order's head.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time that the events will carry.
    pub now: Timestamp,
    /// By whose hand.
    pub principal: &'a Principal,
    /// The order's code, where a code was named and the order needs one.
    pub handover_code: Option<&'a HandoverCode>,
}

impl<'a> Context<'a> {
    /// Somebody who decides on the order's head alone.
    pub const fn new(now: Timestamp, principal: &'a Principal) -> Self {
        Self { now, principal, handover_code: None }
    }
}
