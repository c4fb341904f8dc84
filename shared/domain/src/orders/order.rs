//! An order's head: the data that decisions need, without personal data.

use std::collections::BTreeMap;
use std::fmt;

use clock::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Basket, Deadline, Details, DriverId, Handover, Issue, Metadata, Offer, OrderId, Placed, Stamp,
    Status, StoreId, Told,
};

/// Counts an order's events: 1, 2, 3 … without a gap.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version of an order's first event.
    pub const FIRST: Self = Self(1);

    /// Returns the version after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The head of an order: its current state, after the events up to `version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub placed: Placed,
    pub store: Option<StoreId>,
    pub status: Status,
    /// The version of the last event, and so the number of events.
    pub version: Version,
    /// The time of the first event.
    pub created_at: Timestamp,
    /// The time of the last event.
    pub updated_at: Timestamp,
    /// The time at which the order entered its current status.
    pub status_since: Timestamp,
    pub driver: Option<DriverId>,
    /// True if the driver's roster counts the order while it is open.
    pub is_load: bool,
    /// The last offer of the order to drivers.
    pub offer: Option<Offer>,
    /// The facts that have been told about the driver's trip.
    pub told: Told,
    /// The times of the transitions that have a stamp.
    pub stamps: BTreeMap<Stamp, Timestamp>,
    /// The contents, if a store prepares the order.
    pub basket: Option<Basket>,
    /// The count of wrong handover codes; `None` if the order has no code.
    pub handover: Option<Handover>,
    pub issues: Vec<Issue>,
    /// True once the order's personal data is erased.
    pub is_erased: bool,
    /// The time at which Waybill acts by itself, unless somebody acts before.
    pub deadline: Option<Deadline>,
    /// The time of the first alert in its status: the order is beyond the time limit, or dispatch has
    /// found no driver.
    pub delayed_since: Option<Timestamp>,
    /// Free-form pairs, given at creation.
    pub metadata: Metadata,
}

impl Order {
    /// True if the order can still move.
    pub const fn is_open(&self) -> bool {
        self.status.phase().is_open()
    }

    /// Returns the store whose address is the order's pickup: the store that the order is with
    /// now, unless `details` have a pickup of their own or are erased.
    pub fn picked_up_at(&self, details: Option<&Details>) -> Option<&StoreId> {
        details.filter(|details| details.addresses.pickup.is_none())?;
        self.store.as_ref()
    }

    /// Returns the driver whose roster counts the order.
    pub fn carrier(&self) -> Option<&DriverId> {
        self.driver.as_ref().filter(|_| self.is_load && self.is_open())
    }

    /// Returns the count of wrong codes, if the last event was a wrong code.
    pub fn refused_handover(&self) -> Option<Handover> {
        self.handover.filter(|handover| handover.refused_at == Some(self.version))
    }
}
