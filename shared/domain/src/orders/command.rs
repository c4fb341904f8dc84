//! What somebody wants of an order.

use clock::Timestamp;

use crate::{
    Alert, Correction, Description, IssueKind, Known, Message, Metadata, Note, Principal, Severity,
    Step, Version,
};

/// What somebody wants of an order, and what they say with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// What they want.
    pub action: Action,
    /// What is said with it.
    pub remarks: Remarks,
}

impl<A: Into<Action>> From<A> for Command {
    fn from(action: A) -> Self {
        Self { action: action.into(), remarks: Remarks::default() }
    }
}

/// What somebody wants of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It takes a step of its workflow.
    Step(Step),
    /// It stays where it is, in every workflow alike.
    InPlace(InPlace),
}

impl From<Step> for Action {
    fn from(step: Step) -> Self {
        Self::Step(step)
    }
}

impl From<InPlace> for Action {
    fn from(action: InPlace) -> Self {
        Self::InPlace(action)
    }
}

/// What leaves an order where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// Report that something is wrong with it.
    OpenIssue {
        /// What.
        kind: IssueKind,
        /// How bad that is.
        severity: Severity,
        /// What happened.
        description: Description,
    },
    /// Report that this was dealt with.
    ResolveIssue {
        /// Which of them.
        id: Version,
        /// What was done, for everybody on the order.
        resolution: Description,
    },
    /// Correct its details.
    CorrectDetails(Correction),
    /// Erase its details.
    EraseDetails,
    /// Report that it stands where it stands for too long.
    RaiseAlert(Alert),
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
    /// What was read of what the decision [needs](crate::Needs).
    pub known: &'a Known,
}

impl<'a> Context<'a> {
    /// Somebody who decides on the order's head alone.
    pub const fn new(now: Timestamp, principal: &'a Principal) -> Self {
        Self { now, principal, known: &Known::NOTHING }
    }

    /// The same, who knows this too.
    #[must_use]
    pub const fn knowing(self, known: &'a Known) -> Self {
        Self { known, ..self }
    }
}
