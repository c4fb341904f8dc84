//! What the workflow `parcel` is to be, from the design and not from the code.

use super::table::{Table, step};
use crate::domain::Phase;
use crate::domain::Role::{Customer, Merchant, Ops};

pub(super) const PARCEL: Table = Table {
    workflow: "parcel",
    initial: "pending",
    automatic: &[],
    statuses: &[
        ("pending", Phase::Placed, &[None]),
        ("processing", Phase::Preparing, &[None]),
        ("shipped", Phase::OnTheWay, &[None]),
        ("delivery_failed", Phase::OnTheWay, &[None]),
        ("returning", Phase::Returning, &[None]),
        ("delivered", Phase::Delivered, &[None]),
        ("returned", Phase::Returned, &[None]),
        ("cancelled", Phase::Cancelled, &[None]),
        ("failed", Phase::Failed, &[None]),
    ],
    steps: &[
        step("pending", "processing", None, &[Ops, Merchant]),
        step("pending", "cancelled", None, &[Ops, Merchant, Customer]),
        step("pending", "failed", None, &[Ops]),
        step("processing", "shipped", None, &[Ops, Merchant]),
        step("processing", "cancelled", None, &[Ops, Merchant]),
        step("processing", "failed", None, &[Ops]),
        step("shipped", "delivered", None, &[Ops, Merchant]),
        step("shipped", "delivery_failed", None, &[Ops, Merchant]),
        step("shipped", "returning", None, &[Ops, Merchant]),
        step("shipped", "cancelled", None, &[Ops]),
        step("shipped", "failed", None, &[Ops]),
        step("delivery_failed", "shipped", None, &[Ops, Merchant]),
        step("delivery_failed", "returning", None, &[Ops, Merchant]),
        step("delivery_failed", "cancelled", None, &[Ops]),
        step("delivery_failed", "failed", None, &[Ops]),
        step("returning", "returned", None, &[Ops, Merchant]),
        step("returning", "cancelled", None, &[Ops]),
        step("returning", "failed", None, &[Ops]),
    ],
};
