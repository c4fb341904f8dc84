//! `courier`: somebody fetches a thing and brings it.

use super::common::{
    CANCELLED, DELIVERED, DELIVERY_FAILED, FAILED, NO_DRIVER, RETURNED, RETURNING,
};
use super::{Clock, Edge, Operation, Phase, Stamp, Status, Workflow};
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
    prepared_by_store: false,
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
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        Edge::new(&[DRIVER_ASSIGNED], CREATED, &[Ops, Merchant, Driver]).with(Operation::Unassign),
        // A carrier with no named driver.
        Edge::new(&[CREATED], PICKED_UP, &[Ops, Merchant])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Edge::new(&[DRIVER_ASSIGNED], PICKED_UP, &[Ops, Driver])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Edge::new(&[PICKED_UP], IN_TRANSIT, &[Ops, Driver]),
        Edge::new(&[IN_TRANSIT], DELIVERED, &[Ops, Driver])
            .with(Operation::Deliver)
            .stamped(Stamp::Delivered),
        Edge::new(&[PICKED_UP, IN_TRANSIT], DELIVERY_FAILED, &[Ops, Driver])
            .with(Operation::DeliveryFailed)
            .stamped(Stamp::DeliveryFailed),
        Edge::new(&[DELIVERY_FAILED], IN_TRANSIT, &[Ops, Driver]).with(Operation::Retry),
        Edge::new(&[DELIVERY_FAILED], RETURNING, &[Ops, Driver, Merchant]).with(Operation::Return),
        // Once picked up, a merchant's way back is a return.
        Edge::new(&[PICKED_UP, IN_TRANSIT], RETURNING, &[Ops, Merchant]).with(Operation::Return),
        Edge::new(&[RETURNING], RETURNED, &[Ops, Driver, Merchant])
            .with(Operation::Returned)
            .stamped(Stamp::Returned),
        Edge::new(&[CREATED], CANCELLED, &[Ops, Merchant, Customer]).stamped(Stamp::Cancelled),
        Edge::new(&[DRIVER_ASSIGNED], CANCELLED, &[Ops, Merchant]).stamped(Stamp::Cancelled),
        Edge::new(&[PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops])
            .stamped(Stamp::Cancelled),
        Edge::new(
            &[CREATED, DRIVER_ASSIGNED, PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING],
            FAILED,
            &[Ops],
        ),
    ],
    // No limits of its own: what a life costs is then what its steps cost.
    clocks: &[Clock { status: CREATED, limit: None, then: NO_DRIVER }],
    autopilot: &[],
};
