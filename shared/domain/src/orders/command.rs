//! Commands to an order.

use clock::Timestamp;

use crate::{
    Alert, Correction, Description, IssueKind, Known, Message, Metadata, Note, Principal, Severity,
    Step, Version,
};

/// A command to an order, with its remarks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub action: Action,
    pub remarks: Remarks,
}

impl<A: Into<Action>> From<A> for Command {
    fn from(action: A) -> Self {
        Self { action: action.into(), remarks: Remarks::default() }
    }
}

/// The action of a command.
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

/// An action that does not change the order's status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InPlace {
    /// Report that something is wrong with it.
    OpenIssue {
        kind: IssueKind,
        /// How bad that is.
        severity: Severity,
        description: Description,
    },
    /// Report that this was dealt with.
    ResolveIssue { id: Version, resolution: Description },
    /// Correct its details.
    CorrectDetails(Correction),
    /// Erase its details.
    EraseDetails,
    /// Report that it stands where it stands for too long.
    RaiseAlert(Alert),
}

/// The remarks that can come with a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// A note, visible to operations, support and the merchant.
    pub note: Option<Note>,
    /// A message, visible to everyone who can see the order.
    pub message: Option<Message>,
    /// Free pairs of the event.
    pub metadata: Metadata,
}

/// The circumstances of a decision: principal, time, and data beside the order's head.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time that the events will carry.
    pub now: Timestamp,
    /// By whose hand.
    pub principal: &'a Principal,
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
