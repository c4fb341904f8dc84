//! Events of an order: what a step records, and what an event makes of the order.

use clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    Actor, Alert, Answer, Basket, CodeCheck, Description, DetailsField, DriverId, Issue, IssueKind,
    Message, Metadata, Note, Order, Placed, Proposal, Reason, Severity, Status, Step, StoreId,
    SubstitutionId, Version,
};

/// One immutable fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the order's history.
    pub version: Version,
    /// The status after it.
    pub status: Status,
    /// The status before it; none before the first.
    pub previous_status: Option<Status>,
    /// The time of the event.
    pub at: Timestamp,
    /// By whose hand.
    pub actor: Actor,
    /// A note, visible to operations, support and the merchant.
    pub note: Option<Note>,
    /// A message, visible to everyone who can see the order.
    pub message: Option<Message>,
    /// Free pairs: the event's own, and for the first event the order's.
    pub metadata: Metadata,
    pub data: EventData,
}

/// The data of an event, by type; history stores this form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventData {
    /// The order came to be.
    Created(Box<Created>),
    /// The order moved, and that says it all.
    StatusChanged,
    /// A driver took the order on.
    DriverAssigned { driver: DriverId },
    /// The order lost its driver.
    DriverUnassigned {
        driver: DriverId,
        /// Why, for operations, support and the merchant.
        reason: Reason,
    },
    /// The store did not take the order on.
    StoreRejected {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        store: Option<StoreId>,
        /// Why, for operations, support and the merchant.
        reason: Reason,
    },
    /// The order was reassigned to another store.
    StoreReassigned { store: StoreId },
    /// The customer was asked to take other products.
    SubstitutionsProposed {
        /// The first one's id; the others follow.
        first: SubstitutionId,
        proposals: Vec<Proposal>,
    },
    /// The customer answered one of those.
    SubstitutionAnswered {
        id: SubstitutionId,
        /// With what.
        answer: Answer,
    },
    /// The order was handed over.
    Delivered {
        /// How its code was dealt with, if it had one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<CodeCheck>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<Message>,
    },
    /// A wrong code was named, and the order not handed over.
    HandoverRefused,
    /// The order could not be handed over.
    DeliveryFailed {
        /// Why, for operations, support and the merchant.
        reason: Reason,
    },
    /// Something was wrong; the event's version is the issue's name.
    IssueOpened {
        kind: IssueKind,
        /// How bad that was.
        severity: Severity,
        /// A description for operations, support, the merchant and the reporter.
        description: Description,
    },
    /// An issue was resolved.
    IssueResolved { id: Version, resolution: Description },
    /// Personal data was corrected.
    DetailsCorrected { fields: Vec<DetailsField> },
    /// Personal data was erased.
    DetailsErased,
    /// The order stood where it stood for too long.
    AlertRaised(Alert),
}

/// The facts of an order at its creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    #[serde(flatten)]
    pub placed: Placed,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreId>,
    /// The contents, if a store prepares the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basket: Option<Basket>,
    /// Whether whoever hands it over must name a code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_handover_code: bool,
}

impl EventData {
    /// Returns the event that a step on `order` records: nothing if the order lacks what the step
    /// is about. `code` is how a delivery's code was checked.
    pub(super) fn of_step(step: Step, order: &Order, code: Option<CodeCheck>) -> Option<Self> {
        Some(match step {
            Step::ChangeStatus { .. } | Step::Plain(_) => Self::StatusChanged,
            Step::Reject { reason, .. } => {
                Self::StoreRejected { store: order.store.clone(), reason }
            }
            Step::Reassign { store } => Self::StoreReassigned { store },
            Step::ProposeSubstitutions(proposals) => {
                let before = order.basket.as_ref()?.substitutions.len();
                Self::SubstitutionsProposed { first: SubstitutionId::after(before), proposals }
            }
            Step::AnswerSubstitution { id, answer } => Self::SubstitutionAnswered { id, answer },
            Step::Assign { driver } => Self::DriverAssigned { driver },
            Step::Unassign { reason } => {
                Self::DriverUnassigned { driver: order.driver.clone()?, reason }
            }
            Step::Deliver { note, .. } => Self::Delivered { code, note },
            Step::DeliveryFailed { reason } => Self::DeliveryFailed { reason },
        })
    }

    /// Whether the order took a step, if only one that leads where it stood.
    pub const fn is_step(&self) -> bool {
        match self {
            Self::Created(_)
            | Self::StatusChanged
            | Self::DriverAssigned { .. }
            | Self::DriverUnassigned { .. }
            | Self::StoreRejected { .. }
            | Self::StoreReassigned { .. }
            | Self::SubstitutionsProposed { .. }
            | Self::SubstitutionAnswered { .. }
            | Self::Delivered { .. }
            | Self::DeliveryFailed { .. } => true,
            Self::HandoverRefused
            | Self::IssueOpened { .. }
            | Self::IssueResolved { .. }
            | Self::DetailsCorrected { .. }
            | Self::DetailsErased
            | Self::AlertRaised(_) => false,
        }
    }

    /// Applies the event to the order, except for status and times; `version` is the event's.
    pub(super) fn apply(&self, version: Version, mut order: Order) -> Order {
        match self {
            Self::DriverAssigned { driver } => order.driver = Some(driver.clone()),
            Self::DriverUnassigned { .. } => order.driver = None,
            Self::StoreReassigned { store } => order.store = Some(store.clone()),
            Self::SubstitutionsProposed { proposals, .. } => {
                order.basket = order.basket.map(|basket| basket.proposed(proposals));
            }
            Self::SubstitutionAnswered { id, answer } => {
                order.basket = order.basket.map(|basket| basket.answered(*id, *answer));
            }
            Self::HandoverRefused => {
                order.handover = order.handover.map(|handover| handover.refused(version));
            }
            Self::IssueOpened { kind, severity, .. } => {
                order.issues.push(Issue { id: version, kind: *kind, severity: *severity });
            }
            Self::IssueResolved { id, .. } => order.issues.retain(|issue| issue.id != *id),
            Self::DetailsErased => order.is_erased = true,
            Self::Created(_)
            | Self::StatusChanged
            | Self::StoreRejected { .. }
            | Self::Delivered { .. }
            | Self::DeliveryFailed { .. }
            | Self::DetailsCorrected { .. }
            | Self::AlertRaised(_) => {}
        }
        order
    }
}
