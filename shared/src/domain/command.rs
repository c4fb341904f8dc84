//! What somebody wants of an order.

use super::time::Timestamp;
use super::{DriverId, Message, Metadata, Note, Operation, Principal, Reason, Status};

/// What somebody wants of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Move it along an edge that no operation owns.
    ChangeStatus {
        /// Where to.
        to: Status,
        /// What is said with it.
        remarks: Remarks,
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
}

impl Command {
    /// The operation that this command is, if it is more than a change of status.
    pub const fn operation(&self) -> Option<Operation> {
        match self {
            Self::ChangeStatus { .. } => None,
            Self::Assign { .. } => Some(Operation::Assign),
            Self::Unassign { .. } => Some(Operation::Unassign),
        }
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

/// Who decides, and when.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time that the events will carry.
    pub now: Timestamp,
    /// By whose hand.
    pub principal: &'a Principal,
}
