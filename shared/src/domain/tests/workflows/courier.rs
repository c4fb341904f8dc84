//! What the workflow `courier` is to be, from the design and not from the code.

use super::table::{Table, step};
use crate::domain::Operation::{Assign, Unassign};
use crate::domain::Phase;
use crate::domain::Role::{Customer, Driver, Merchant, Ops};

const EITHER: &[Option<&str>] = &[None, Some("d1")];

pub(super) const COURIER: Table = Table {
    workflow: "courier",
    initial: "created",
    automatic: &[],
    statuses: &[
        ("created", Phase::Placed, &[None]),
        ("driver_assigned", Phase::Ready, &[Some("d1")]),
        ("picked_up", Phase::OnTheWay, EITHER),
        ("in_transit", Phase::OnTheWay, EITHER),
        ("delivery_failed", Phase::OnTheWay, EITHER),
        ("returning", Phase::Returning, EITHER),
        ("delivered", Phase::Delivered, EITHER),
        ("returned", Phase::Returned, EITHER),
        ("cancelled", Phase::Cancelled, EITHER),
        ("failed", Phase::Failed, EITHER),
    ],
    steps: &[
        step("created", "driver_assigned", Some(Assign), &[Ops, Merchant]),
        step("created", "picked_up", None, &[Ops, Merchant]),
        step("created", "cancelled", None, &[Ops, Merchant, Customer]),
        step("created", "failed", None, &[Ops]),
        step("driver_assigned", "driver_assigned", Some(Assign), &[Ops, Merchant]),
        step("driver_assigned", "created", Some(Unassign), &[Ops, Merchant, Driver]),
        step("driver_assigned", "picked_up", None, &[Ops, Driver]),
        step("driver_assigned", "cancelled", None, &[Ops, Merchant]),
        step("driver_assigned", "failed", None, &[Ops]),
        step("picked_up", "in_transit", None, &[Ops, Driver]),
        step("picked_up", "delivery_failed", None, &[Ops, Driver]),
        step("picked_up", "returning", None, &[Ops, Merchant]),
        step("picked_up", "cancelled", None, &[Ops]),
        step("picked_up", "failed", None, &[Ops]),
        step("in_transit", "delivered", None, &[Ops, Driver]),
        step("in_transit", "delivery_failed", None, &[Ops, Driver]),
        step("in_transit", "returning", None, &[Ops, Merchant]),
        step("in_transit", "cancelled", None, &[Ops]),
        step("in_transit", "failed", None, &[Ops]),
        step("delivery_failed", "in_transit", None, &[Ops, Driver]),
        step("delivery_failed", "returning", None, &[Ops, Merchant, Driver]),
        step("delivery_failed", "cancelled", None, &[Ops]),
        step("delivery_failed", "failed", None, &[Ops]),
        step("returning", "returned", None, &[Ops, Merchant, Driver]),
        step("returning", "cancelled", None, &[Ops]),
        step("returning", "failed", None, &[Ops]),
    ],
};
