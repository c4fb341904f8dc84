//! The deliveries of messages.

use crate::values::name_enum;

name_enum! {
    /// The state of a delivery of which an attempt failed.
    pub enum DeliveryStatus as "WebhookDeliveryStatus": "The state of a delivery: `pending` if there \
        will be another attempt, `delivered` if the message was accepted after failures, `failed` if \
        there are no more attempts, `dropped` if the webhook may not have the message any more." {
        /// There will be another attempt.
        Pending = "pending",
        /// The message was accepted, after failures.
        Delivered = "delivered",
        /// There are no more attempts.
        Failed = "failed",
        /// The endpoint may not have the message any more.
        Dropped = "dropped",
    }
}
