//! An order's head: everything that decides, nothing personal.

use std::collections::BTreeMap;
use std::fmt;

use clock::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Basket, Deadline, DriverId, Handover, Issue, Metadata, OrderId, Placed, Stamp, Status, StoreId,
};

/// Counts an order's events: 1, 2, 3 … without a gap.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version of an order's first event.
    pub const FIRST: Self = Self(1);

    /// The version after this one.
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

/// The head of an order, what its events up to `version` made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its identifier.
    pub id: OrderId,
    pub placed: Placed,
    pub store: Option<StoreId>,
    /// Where it stands.
    pub status: Status,
    /// How many events made it.
    pub version: Version,
    /// When its first event happened.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
    /// When it came to stand where it stands.
    pub status_since: Timestamp,
    pub driver: Option<DriverId>,
    /// When it took the steps that are kept.
    pub stamps: BTreeMap<Stamp, Timestamp>,
    /// The contents, if a store prepares the order.
    pub basket: Option<Basket>,
    /// If it has a code, what became of tries to name it.
    pub handover: Option<Handover>,
    pub issues: Vec<Issue>,
    /// Whether its personal data is erased.
    pub is_erased: bool,
    /// When Waybill does something with it, if nobody does before.
    pub deadline: Option<Deadline>,
    /// The time since which the order is beyond the time limit of its status.
    pub delayed_since: Option<Timestamp>,
    /// Free pairs, given at creation.
    pub metadata: Metadata,
}

impl Order {
    /// Whether the order can still move.
    pub const fn is_open(&self) -> bool {
        self.status.phase().is_open()
    }

    /// Returns the count of wrong codes, if the last event was a wrong code.
    pub fn refused_handover(&self) -> Option<Handover> {
        self.handover.filter(|handover| handover.refused_at == Some(self.version))
    }
}
