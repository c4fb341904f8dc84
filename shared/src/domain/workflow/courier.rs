//! `courier`: somebody fetches a thing and brings it.

use super::common::{CANCELLED, DELIVERED, DELIVERY_FAILED, FAILED, RETURNED, RETURNING};
use super::{Edge, Operation, Phase, Status, Workflow};
use crate::domain::Role::{Customer, Driver, Merchant, Ops};

const CREATED: Status = Status::new("created", Phase::Placed);
const DRIVER_ASSIGNED: Status = Status::new("driver_assigned", Phase::Ready);
const PICKED_UP: Status = Status::new("picked_up", Phase::OnTheWay);
const IN_TRANSIT: Status = Status::new("in_transit", Phase::OnTheWay);

/// The table.
pub(super) static COURIER: Workflow = Workflow {
    name: "courier",
    initial: CREATED,
    automatic: &[],
    statuses: &[
        CREATED,
        DRIVER_ASSIGNED,
        PICKED_UP,
        IN_TRANSIT,
        DELIVERY_FAILED,
        RETURNING,
        DELIVERED,
        RETURNED,
        CANCELLED,
        FAILED,
    ],
    edges: &[
        Edge::new(&[CREATED, DRIVER_ASSIGNED], DRIVER_ASSIGNED, &[Ops, Merchant])
            .owned_by(Operation::Assign),
        Edge::new(&[DRIVER_ASSIGNED], CREATED, &[Ops, Merchant, Driver])
            .owned_by(Operation::Unassign),
        // A carrier with no named driver.
        Edge::new(&[CREATED], PICKED_UP, &[Ops, Merchant]),
        Edge::new(&[DRIVER_ASSIGNED], PICKED_UP, &[Ops, Driver]),
        Edge::new(&[PICKED_UP], IN_TRANSIT, &[Ops, Driver]),
        Edge::new(&[IN_TRANSIT], DELIVERED, &[Ops, Driver]),
        Edge::new(&[PICKED_UP, IN_TRANSIT], DELIVERY_FAILED, &[Ops, Driver]),
        Edge::new(&[DELIVERY_FAILED], IN_TRANSIT, &[Ops, Driver]),
        Edge::new(&[DELIVERY_FAILED], RETURNING, &[Ops, Driver, Merchant]),
        // Once picked up, a merchant's way back is a return.
        Edge::new(&[PICKED_UP, IN_TRANSIT], RETURNING, &[Ops, Merchant]),
        Edge::new(&[RETURNING], RETURNED, &[Ops, Driver, Merchant]),
        Edge::new(&[CREATED], CANCELLED, &[Ops, Merchant, Customer]),
        Edge::new(&[DRIVER_ASSIGNED], CANCELLED, &[Ops, Merchant]),
        Edge::new(&[PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops]),
        Edge::new(
            &[CREATED, DRIVER_ASSIGNED, PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING],
            FAILED,
            &[Ops],
        ),
    ],
};
