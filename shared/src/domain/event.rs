//! What happened to an order.

use super::time::Timestamp;
use super::{
    Actor, CustomerReference, DriverId, ExternalId, MerchantId, Message, Metadata, Note, Reason,
    Status, StoreId, Version, Workflow,
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
}
