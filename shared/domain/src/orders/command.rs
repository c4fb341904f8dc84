//! Commands to an order.

use clock::Timestamp;

use crate::{
    Alert, Correction, Description, DriverId, Fact, IssueKind, Known, Message, Metadata, Note,
    Offering, Principal, Reason, Round, Severity, Step, Version,
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
    /// Takes a step of the order's workflow.
    Step(Step),
    /// Leaves the status unchanged; the same in every workflow.
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
    OpenIssue {
        kind: IssueKind,
        severity: Severity,
        description: Description,
    },
    ResolveIssue {
        id: Version,
        resolution: Description,
    },
    CorrectDetails(Correction),
    EraseDetails,
    /// Reports that the order exceeded the time limit of its status.
    RaiseAlert(Alert),
    /// Offers the order to drivers.
    Offer(Offering),
    /// Declines the standing offer.
    Decline {
        driver: DriverId,
        reason: Option<Reason>,
    },
    /// Ends an offer whose time is over.
    ExpireOffer,
    /// Ends a round of dispatch that found nobody to ask.
    FindNobody(Round),
    /// Tells a fact about the driver's trip.
    Tell(Fact),
}

/// The remarks that can accompany a change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// A note, visible to operations, support and the merchant.
    pub note: Option<Note>,
    /// A message, visible to everyone who can see the order.
    pub message: Option<Message>,
    /// Free-form pairs for the event.
    pub metadata: Metadata,
}

/// The context of a decision: principal, time, and the data besides the order's head.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of the decision. Events carry it, unless the order was last updated at a later
    /// time.
    pub now: Timestamp,
    pub principal: &'a Principal,
    pub known: &'a Known,
}

impl<'a> Context<'a> {
    /// Creates the context of a decision that needs no data besides the order's head.
    pub const fn new(now: Timestamp, principal: &'a Principal) -> Self {
        Self { now, principal, known: Known::NOTHING }
    }

    /// Returns the context with `known` as the data besides the order's head.
    #[must_use]
    pub const fn knowing(self, known: &'a Known) -> Self {
        Self { known, ..self }
    }
}
