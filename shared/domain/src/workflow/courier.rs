//! `courier`: a driver picks up an item and delivers it.

use super::common::{
    CANCELLED, DELIVERED, DELIVERY_FAILED, FAILED, NO_DRIVER, RETURNED, RETURNING,
};
use super::{Operation, Phase, Stamp, Status, StatusClock, Transition, Workflow};
use crate::Role::{Customer, Driver, Merchant, Ops, System};

const CREATED: Status = Status::new("created", Phase::Placed);
const DRIVER_ASSIGNED: Status = Status::new("driver_assigned", Phase::Ready);
const PICKED_UP: Status = Status::new("picked_up", Phase::OnTheWay);
const IN_TRANSIT: Status = Status::new("in_transit", Phase::OnTheWay);

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
    transitions: &[
        Transition::new(&[CREATED], DRIVER_ASSIGNED, &[Ops, Merchant, System])
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        Transition::new(&[DRIVER_ASSIGNED], DRIVER_ASSIGNED, &[Ops, Merchant])
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        // For a driver whom the order is offered to.
        Transition::new(&[CREATED], DRIVER_ASSIGNED, &[Driver])
            .with(Operation::Accept)
            .stamped(Stamp::DriverAssigned),
        Transition::new(&[DRIVER_ASSIGNED], CREATED, &[Ops, Merchant, Driver])
            .with(Operation::Unassign),
        // For a carrier without a named driver; the merchant then reports the whole trip.
        Transition::new(&[CREATED], PICKED_UP, &[Ops, Merchant])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Transition::new(&[DRIVER_ASSIGNED], PICKED_UP, &[Ops, Driver])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Transition::new(&[PICKED_UP], IN_TRANSIT, &[Ops, Driver])
            .or_without_driver(&[Merchant])
            .with(Operation::Depart),
        Transition::new(&[IN_TRANSIT], DELIVERED, &[Ops, Driver])
            .or_without_driver(&[Merchant])
            .with(Operation::Deliver)
            .stamped(Stamp::Delivered),
        Transition::new(&[DELIVERED], IN_TRANSIT, &[Ops]).with(Operation::Reopen),
        Transition::new(&[PICKED_UP, IN_TRANSIT], DELIVERY_FAILED, &[Ops, Driver])
            .or_without_driver(&[Merchant])
            .with(Operation::DeliveryFailed)
            .stamped(Stamp::DeliveryFailed),
        Transition::new(&[DELIVERY_FAILED], IN_TRANSIT, &[Ops, Driver])
            .or_without_driver(&[Merchant])
            .with(Operation::Retry),
        Transition::new(&[DELIVERY_FAILED], RETURNING, &[Ops, Driver, Merchant])
            .with(Operation::Return),
        // After the pickup a merchant cannot cancel the order, only have it returned.
        Transition::new(&[PICKED_UP, IN_TRANSIT], RETURNING, &[Ops, Merchant])
            .with(Operation::Return),
        Transition::new(&[RETURNING], RETURNED, &[Ops, Driver, Merchant])
            .with(Operation::Returned)
            .stamped(Stamp::Returned),
        Transition::new(&[CREATED], CANCELLED, &[Ops, Merchant, Customer])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(&[DRIVER_ASSIGNED], CANCELLED, &[Ops, Merchant])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(&[PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(
            &[CREATED, DRIVER_ASSIGNED, PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING],
            FAILED,
            &[Ops],
        )
        .with(Operation::Fail),
    ],
    // The workflow has no limits of its own, so that an order costs only what its steps cost.
    clocks: &[StatusClock { status: CREATED, limit: None, then: NO_DRIVER }],
    autopilot: &[],
};
