//! The times that an order keeps of its steps.

use serde::{Serialize, Serializer};

/// A time that an order keeps of a step, in the order of an order's life; of a step
/// taken again, the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stamp {
    /// The store took it on.
    StoreAcknowledged,
    /// The store began.
    PickingStarted,
    /// The store was done.
    PickingCompleted,
    /// Somebody was to carry it.
    DriverAssigned,
    /// It left with its carrier.
    PickedUp,
    /// It could not be handed over.
    DeliveryFailed,
    /// It was handed over.
    Delivered,
    /// It was back.
    Returned,
    /// It was called off.
    Cancelled,
}

impl Stamp {
    /// Every stamp.
    pub const ALL: [Self; 9] = [
        Self::StoreAcknowledged,
        Self::PickingStarted,
        Self::PickingCompleted,
        Self::DriverAssigned,
        Self::PickedUp,
        Self::DeliveryFailed,
        Self::Delivered,
        Self::Returned,
        Self::Cancelled,
    ];

    /// Its name in bodies and storage.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StoreAcknowledged => "store_acknowledged_at",
            Self::PickingStarted => "picking_started_at",
            Self::PickingCompleted => "picking_completed_at",
            Self::DriverAssigned => "driver_assigned_at",
            Self::PickedUp => "picked_up_at",
            Self::DeliveryFailed => "delivery_failed_at",
            Self::Delivered => "delivered_at",
            Self::Returned => "returned_at",
            Self::Cancelled => "cancelled_at",
        }
    }

    /// The stamp called `name`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stamp| stamp.name() == name)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
