//! The times of steps that an order records.

use crate::values::name_enum;

name_enum! {
    /// The time of a step that an order records, in the order of an order's life. If a step is
    /// taken again, its last time is kept.
    pub enum Stamp {
        StoreAcknowledged = "store_acknowledged_at",
        PickingStarted = "picking_started_at",
        PickingCompleted = "picking_completed_at",
        DriverAssigned = "driver_assigned_at",
        PickedUp = "picked_up_at",
        DeliveryFailed = "delivery_failed_at",
        Delivered = "delivered_at",
        Returned = "returned_at",
        Cancelled = "cancelled_at",
    }
}
