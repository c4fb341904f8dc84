//! `grocery`: a store picks the customer's items and asks the customer about substitutes for
//! missing ones, and a driver delivers the order.

use super::common::{
    CANCELLED, DAY, DELIVERED, DELIVERY_FAILED, FAILED, HOUR, MINUTE, NO_DRIVER, RETURNED,
    RETURNING,
};
use super::{
    Ladder, Measure, Operation, Phase, Rung, Stamp, Status, StatusClock, Transition, Workflow,
};
use crate::AlertKind::LateAcknowledgement;
use crate::Answers;
use crate::Role::{Customer, Driver, Merchant, Ops, System};
use crate::Severity::{High, Medium};

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
    transitions: &[
        Transition::new(&[SUBMITTED], STORE_NOTIFIED, &[System]),
        Transition::new(&[STORE_NOTIFIED], STORE_ACKNOWLEDGED, &[Ops, Merchant])
            .with(Operation::Acknowledge)
            .stamped(Stamp::StoreAcknowledged),
        Transition::new(&[STORE_NOTIFIED], STORE_REJECTED, &[Ops, Merchant, System])
            .with(Operation::Reject),
        Transition::new(&[STORE_REJECTED], STORE_NOTIFIED, &[Ops, Merchant, System])
            .with(Operation::Reassign),
        Transition::new(&[STORE_ACKNOWLEDGED], PICKING, &[Ops, Merchant])
            .with(Operation::StartPicking)
            .stamped(Stamp::PickingStarted),
        // The store may find another item missing before the customer has answered, and after.
        Transition::new(
            &[PICKING, SUBSTITUTIONS_NEEDED, SUBSTITUTIONS_APPROVED],
            SUBSTITUTIONS_NEEDED,
            &[Ops, Merchant],
        )
        .with(Operation::ProposeSubstitutions)
        .when(Answers::Missing),
        // A shortage that the customer is not asked about leaves the order where it is.
        Transition::new(&[PICKING], PICKING, &[Ops, Merchant])
            .with(Operation::ProposeSubstitutions)
            .when(Answers::NoneRejected),
        Transition::new(&[SUBSTITUTIONS_APPROVED], SUBSTITUTIONS_APPROVED, &[Ops, Merchant])
            .with(Operation::ProposeSubstitutions)
            .when(Answers::NoneRejected),
        Transition::new(&[PICKING, SUBSTITUTIONS_APPROVED], CANCELLED, &[Ops, Merchant])
            .with(Operation::ProposeSubstitutions)
            .when(Answers::NothingLeft)
            .stamped(Stamp::Cancelled),
        Transition::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_NEEDED, &[Ops, Customer, System])
            .with(Operation::ApproveSubstitution)
            .when(Answers::Missing),
        Transition::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_APPROVED, &[Ops, Customer, System])
            .with(Operation::ApproveSubstitution)
            .when(Answers::NoneRejected),
        Transition::new(&[SUBSTITUTIONS_NEEDED], PICKING, &[Ops, Customer, System])
            .with(Operation::ApproveSubstitution)
            .when(Answers::SomeRejected),
        // The last line was missing, and the customer agrees.
        Transition::new(&[SUBSTITUTIONS_NEEDED], CANCELLED, &[Ops, Customer, System])
            .with(Operation::ApproveSubstitution)
            .when(Answers::NothingLeft)
            .stamped(Stamp::Cancelled),
        Transition::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_NEEDED, &[Ops, Customer, System])
            .with(Operation::RejectSubstitution)
            .when(Answers::Missing),
        // A line that was cancelled for lack of an answer does not count as rejected, so the
        // order continues.
        Transition::new(&[SUBSTITUTIONS_NEEDED], SUBSTITUTIONS_APPROVED, &[Ops, Customer, System])
            .with(Operation::RejectSubstitution)
            .when(Answers::NoneRejected),
        Transition::new(&[SUBSTITUTIONS_NEEDED], PICKING, &[Ops, Customer, System])
            .with(Operation::RejectSubstitution)
            .when(Answers::SomeRejected),
        Transition::new(&[SUBSTITUTIONS_NEEDED], CANCELLED, &[Ops, Customer, System])
            .with(Operation::RejectSubstitution)
            .when(Answers::NothingLeft)
            .stamped(Stamp::Cancelled),
        Transition::new(&[PICKING, SUBSTITUTIONS_APPROVED], READY, &[Ops, Merchant])
            .with(Operation::Ready)
            .stamped(Stamp::PickingCompleted),
        Transition::new(&[READY], DRIVER_ASSIGNED, &[Ops, Merchant, System])
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        Transition::new(&[DRIVER_ASSIGNED], DRIVER_ASSIGNED, &[Ops, Merchant])
            .with(Operation::Assign)
            .stamped(Stamp::DriverAssigned),
        // For a driver whom the order is offered to.
        Transition::new(&[READY], DRIVER_ASSIGNED, &[Driver])
            .with(Operation::Accept)
            .stamped(Stamp::DriverAssigned),
        Transition::new(&[DRIVER_ASSIGNED], READY, &[Ops, Merchant, Driver])
            .with(Operation::Unassign),
        Transition::new(&[DRIVER_ASSIGNED], PICKED_UP, &[Ops, Driver])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Transition::new(&[PICKED_UP], IN_TRANSIT, &[Ops, Driver]).with(Operation::Depart),
        Transition::new(&[IN_TRANSIT], DELIVERED, &[Ops, Driver])
            .with(Operation::Deliver)
            .stamped(Stamp::Delivered),
        Transition::new(&[DELIVERED], IN_TRANSIT, &[Ops]).with(Operation::Reopen),
        Transition::new(&[PICKED_UP, IN_TRANSIT], DELIVERY_FAILED, &[Ops, Driver])
            .with(Operation::DeliveryFailed)
            .stamped(Stamp::DeliveryFailed),
        Transition::new(&[DELIVERY_FAILED], IN_TRANSIT, &[Ops, Driver]).with(Operation::Retry),
        Transition::new(&[DELIVERY_FAILED], RETURNING, &[Ops, Driver, Merchant])
            .with(Operation::Return),
        // After the pickup a merchant cannot cancel the order, only have it returned.
        Transition::new(&[PICKED_UP, IN_TRANSIT], RETURNING, &[Ops, Merchant])
            .with(Operation::Return),
        Transition::new(&[RETURNING], RETURNED, &[Ops, Driver, Merchant])
            .with(Operation::Returned)
            .stamped(Stamp::Returned),
        Transition::new(
            &[SUBMITTED, STORE_NOTIFIED, STORE_REJECTED, SUBSTITUTIONS_NEEDED],
            CANCELLED,
            &[Ops, Merchant, Customer, System],
        )
        .with(Operation::Cancel)
        .stamped(Stamp::Cancelled),
        Transition::new(
            &[STORE_ACKNOWLEDGED, PICKING, SUBSTITUTIONS_APPROVED, READY, DRIVER_ASSIGNED],
            CANCELLED,
            &[Ops, Merchant],
        )
        .with(Operation::Cancel)
        .stamped(Stamp::Cancelled),
        Transition::new(&[PICKED_UP, IN_TRANSIT, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(
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
        )
        .with(Operation::Fail),
    ],
    clocks: &[
        StatusClock { status: STORE_NOTIFIED, limit: Some(10 * MINUTE), then: NOT_ACKNOWLEDGED },
        StatusClock::delayed(STORE_REJECTED, 10 * MINUTE),
        StatusClock::delayed(STORE_ACKNOWLEDGED, 15 * MINUTE),
        StatusClock::delayed(PICKING, 45 * MINUTE),
        StatusClock { status: SUBSTITUTIONS_NEEDED, limit: Some(10 * MINUTE), then: NOT_ANSWERED },
        StatusClock::delayed(SUBSTITUTIONS_APPROVED, 30 * MINUTE),
        StatusClock { status: READY, limit: Some(10 * MINUTE), then: NO_DRIVER },
        StatusClock::delayed(DRIVER_ASSIGNED, 30 * MINUTE),
        StatusClock::delayed(PICKED_UP, 15 * MINUTE),
        StatusClock::delayed(IN_TRANSIT, HOUR),
        StatusClock::delayed(DELIVERY_FAILED, 4 * HOUR),
        StatusClock::delayed(RETURNING, DAY),
    ],
    autopilot: &[],
};

/// Two alerts of rising severity; then the order is reassigned or, if that is not possible,
/// cancelled.
const NOT_ACKNOWLEDGED: Ladder = Ladder {
    rungs: &[
        Rung::alert(0, LateAcknowledgement, Medium),
        Rung::alert(5 * MINUTE, LateAcknowledgement, High),
        Rung::new(5 * MINUTE, Measure::Reassign("not acknowledged in time")),
        Rung::new(0, Measure::Cancel("No store acknowledged the order in time.")),
    ],
    repeats: false,
};

const NOT_ANSWERED: Ladder =
    Ladder { rungs: &[Rung::new(0, Measure::AnswerSubstitutions)], repeats: false };
