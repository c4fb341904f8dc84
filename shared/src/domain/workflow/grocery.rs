//! `grocery`: a store picks what the customer ordered, asks where something is
//! missing, and a driver brings it.

use super::common::{CANCELLED, DELIVERED, DELIVERY_FAILED, FAILED, RETURNED, RETURNING};
use super::{Edge, Operation, Phase, Stamp, Status, Workflow};
use crate::domain::Answers;
use crate::domain::Role::{Customer, Driver, Merchant, Ops, System};

const SUBMITTED: Status = Status::new("submitted", Phase::Placed);
const STORE_NOTIFIED: Status = Status::new("store_notified", Phase::Placed);
const STORE_REJECTED: Status = Status::new("store_rejected", Phase::Placed);
const STORE_ACKNOWLEDGED: Status = Status::new("store_acknowledged", Phase::Preparing);
const PICKING: Status = Status::new("picking_in_progress", Phase::Preparing);
const SUBSTITUTIONS_NEEDED: Status = Status::new("substitutions_needed", Phase::Preparing);
const SUBSTITUTIONS_APPROVED: Status = Status::new("substitutions_approved", Phase::Preparing);
const READY: Status = Status::new("ready_for_pickup", Phase::Ready);
const DRIVER_ASSIGNED: Status = Status::new("driver_assigned", Phase::Ready);
const PICKED_UP: Status = Status::new("driver_pickup_complete", Phase::OnTheWay);
const IN_TRANSIT: Status = Status::new("in_transit", Phase::OnTheWay);

/// The table.
pub(super) static GROCERY: Workflow = Workflow {
    name: "grocery",
    initial: SUBMITTED,
    automatic: &[STORE_NOTIFIED],
    prepared_by_store: true,
    statuses: &[
        SUBMITTED,
        STORE_NOTIFIED,
        STORE_REJECTED,
        STORE_ACKNOWLEDGED,
        PICKING,
        SUBSTITUTIONS_NEEDED,
        SUBSTITUTIONS_APPROVED,
        READY,
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
        Edge::new(&[SUBMITTED], STORE_NOTIFIED, &[System]),
        Edge::new(&[STORE_NOTIFIED], STORE_ACKNOWLEDGED, &[Ops, Merchant])
            .with(Operation::Acknowledge)
            .stamped(Stamp::StoreAcknowledged),
        Edge::new(&[STORE_NOTIFIED], STORE_REJECTED, &[Ops, Merchant]).with(Operation::Reject),
        Edge::new(&[STORE_REJECTED], STORE_NOTIFIED, &[Ops, Merchant]).with(Operation::Reassign),
        Edge::new(&[STORE_ACKNOWLEDGED], PICKING, &[Ops, Merchant])
            .with(Operation::StartPicking)
            .stamped(Stamp::PickingStarted),
        // While the customer is asked for one thing, another may be found missing.
        Edge::new(&[PICKING, SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_NEEDED, &[Ops, Merchant])
            .with(Operation::ProposeSubstitutions),
        Edge::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_NEEDED, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::Missing),
        Edge::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_APPROVED, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::AllApproved),
        Edge::new(&[SUBSTITUTIONS_NEEDED], PICKING, &[Ops, Customer])
            .with(Operation::ApproveSubstitution)
            .when(Answers::SomeRejected),
        Edge::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_NEEDED, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::Missing),
        Edge::new(&[SUBSTITUTIONS_NEEDED], PICKING, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::SomeRejected),
        Edge::new(&[SUBSTITUTIONS_NEEDED], CANCELLED, &[Ops, Customer])
            .with(Operation::RejectSubstitution)
            .when(Answers::NothingLeft)
            .stamped(Stamp::Cancelled),
        Edge::new(&[PICKING, SUBSTITUTIONS_APPROVED], READY, &[Ops, Merchant])
            .with(Operation::Ready)
            .stamped(Stamp::PickingCompleted),
        Edge::new(&[READY, DRIVER_ASSIGNED], DRIVER_ASSIGNED, &[Ops, Merchant])
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        Edge::new(&[DRIVER_ASSIGNED], READY, &[Ops, Merchant, Driver]).with(Operation::Unassign),
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
        Edge::new(
            &[SUBMITTED, STORE_NOTIFIED, STORE_REJECTED, SUBSTITUTIONS_NEEDED],
            CANCELLED,
            &[Ops, Merchant, Customer],
        )
        .stamped(Stamp::Cancelled),
        Edge::new(
            &[STORE_ACKNOWLEDGED, PICKING, SUBSTITUTIONS_APPROVED, READY, DRIVER_ASSIGNED],
            CANCELLED,
            &[Ops, Merchant],
        )
        .stamped(Stamp::Cancelled),
        Edge::new(&[PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops])
            .stamped(Stamp::Cancelled),
        Edge::new(
            &[
                SUBMITTED,
                STORE_NOTIFIED,
                STORE_REJECTED,
                STORE_ACKNOWLEDGED,
                PICKING,
                SUBSTITUTIONS_NEEDED,
                SUBSTITUTIONS_APPROVED,
                READY,
                DRIVER_ASSIGNED,
                PICKED_UP,
                IN_TRANSIT,
                DELIVERY_FAILED,
                RETURNING,
            ],
            FAILED,
            &[Ops],
        ),
    ],
};
