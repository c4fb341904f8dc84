//! What happened to an order.

use super::time::Timestamp;
use super::{
    Actor, Alert, Answer, Basket, CodeCheck, CustomerReference, Description, DetailsField,
    DriverId, ExternalId, IssueKind, MerchantId, Message, Metadata, Note, Proposal, Reason,
    Severity, Status, StoreId, SubstitutionId, Terms, Version, Workflow,
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
    /// When it happened.
    pub at: Timestamp,
    /// By whose hand.
    pub actor: Actor,
    /// For operations, support and the merchant.
    pub note: Option<Note>,
    /// For everybody on the order.
    pub message: Option<Message>,
    /// Free pairs: the event's own, and for the first event the order's.
    pub metadata: Metadata,
    /// What happened, by type.
    pub data: EventData,
}

/// What happened, by type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventData {
    /// The order came to be.
    Created(Box<Created>),
    /// The order moved, and that says it all.
    StatusChanged,
    /// A driver took the order on.
    DriverAssigned {
        /// Who.
        driver: DriverId,
    },
    /// The order lost its driver.
    DriverUnassigned {
        /// Who carried it.
        driver: DriverId,
        /// Why, for operations, support and the merchant.
        reason: Reason,
    },
    /// The store did not take the order on.
    StoreRejected {
        /// Which.
        store: Option<StoreId>,
        /// Why, for operations, support and the merchant.
        reason: Reason,
    },
    /// Another store was asked.
    StoreReassigned {
        /// Which.
        store: StoreId,
    },
    /// The customer was asked to take other products.
    SubstitutionsProposed {
        /// The first one's id; the others follow.
        first: SubstitutionId,
        /// Which.
        proposals: Vec<Proposal>,
    },
    /// The customer answered one of those.
    SubstitutionAnswered {
        /// Which.
        id: SubstitutionId,
        /// With what.
        answer: Answer,
    },
    /// The order was handed over.
    Delivered {
        /// How its code was dealt with, if it had one.
        code: Option<CodeCheck>,
        /// What was said of it.
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
        /// What.
        kind: IssueKind,
        /// How bad that was.
        severity: Severity,
        /// What happened, for operations, support, the merchant and whoever told it.
        description: Description,
    },
    /// That was dealt with.
    IssueResolved {
        /// Which.
        id: Version,
        /// What was done.
        resolution: Description,
    },
    /// Personal data was corrected.
    DetailsCorrected {
        /// Which, and not how it reads.
        fields: Vec<DetailsField>,
    },
    /// Personal data was erased.
    DetailsErased,
    /// The order stood where it stood for too long.
    AlertRaised(Alert),
}

impl EventData {
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
}

/// What an order is from its creation on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Whose order it is.
    pub merchant: MerchantId,
    /// For whom, as the merchant calls them.
    pub customer: Option<CustomerReference>,
    /// What the merchant calls the order.
    pub external_id: Option<ExternalId>,
    /// Which of the merchant's stores prepares it.
    pub store: Option<StoreId>,
    /// How it moves.
    pub workflow: &'static Workflow,
    /// What is in it, if a store prepares it.
    pub basket: Option<Basket>,
    /// Whether whoever hands it over must name a code.
    pub has_handover_code: bool,
    /// What Waybill may do with it by itself.
    pub terms: Terms,
}
