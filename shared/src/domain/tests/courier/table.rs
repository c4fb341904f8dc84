//! The table, from the design and not from the code, and what follows from it.

use crate::domain::Operation::{Assign, Unassign};
use crate::domain::Role::{Customer, Driver, Merchant, Ops};
use crate::domain::{Operation, Phase, Role};

pub(super) const STATUSES: [(&str, Phase); 10] = [
    ("created", Phase::Placed),
    ("driver_assigned", Phase::Ready),
    ("picked_up", Phase::OnTheWay),
    ("in_transit", Phase::OnTheWay),
    ("delivery_failed", Phase::OnTheWay),
    ("returning", Phase::Returning),
    ("delivered", Phase::Delivered),
    ("returned", Phase::Returned),
    ("cancelled", Phase::Cancelled),
    ("failed", Phase::Failed),
];

pub(super) struct Step {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The operation that alone takes it; a change of status where there is none.
    pub(super) by: Option<Operation>,
    pub(super) whose: &'static [Role],
}

const fn step(
    from: &'static str,
    to: &'static str,
    by: Option<Operation>,
    whose: &'static [Role],
) -> Step {
    Step { from, to, by, whose }
}

pub(super) const STEPS: [Step; 26] = [
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
];

/// What becomes of a command, with what its refusal offers instead: the names of
/// statuses and operations, in the order of the alphabet.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Moves { to: &'static str },
    NoSuchEdge { offered: Vec<&'static str> },
    NotYours { offered: Vec<&'static str> },
    OwnedBy(Operation),
    AlreadyAssigned,
    Unseen,
}

/// What the table makes of a step by somebody who sees the order.
pub(super) fn expected(
    status: &'static str,
    role: Role,
    step: Option<&Step>,
    by: Option<Operation>,
) -> Outcome {
    let offered = || {
        let yours = STEPS.iter().filter(|step| step.from == status && step.whose.contains(&role));
        let mut names: Vec<_> =
            yours.map(|step| step.by.map_or(step.to, Operation::name)).collect();
        names.sort_unstable();
        names
    };
    match step {
        None => Outcome::NoSuchEdge { offered: offered() },
        Some(Step { by: Some(owner), .. }) if by != Some(*owner) => Outcome::OwnedBy(*owner),
        Some(step) if !step.whose.contains(&role) => Outcome::NotYours { offered: offered() },
        Some(step) => Outcome::Moves { to: step.to },
    }
}
