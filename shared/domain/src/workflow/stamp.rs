//! The times that an order keeps of its steps.

use crate::values::name_enum;

name_enum! {
    /// A time that an order keeps of a step, in the order of an order's life; of a step
    /// taken again, the last.
    pub enum Stamp {
        /// The store took it on.
        StoreAcknowledged = "store_acknowledged_at",
        /// The store began.
        PickingStarted = "picking_started_at",
        /// The store was done.
        PickingCompleted = "picking_completed_at",
        /// Somebody was to carry it.
        DriverAssigned = "driver_assigned_at",
        /// It left with its carrier.
        PickedUp = "picked_up_at",
        /// A delivery failed.
        DeliveryFailed = "delivery_failed_at",
        /// The order was delivered.
        Delivered = "delivered_at",
        /// It was back.
        Returned = "returned_at",
        /// It was called off.
        Cancelled = "cancelled_at",
    }
}
