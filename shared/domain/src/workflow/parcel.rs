//! `parcel`: a merchant packs an item and hands it to a carrier outside Waybill; the merchant or
//! operations report the progress of the delivery.

use super::common::{CANCELLED, DAY, DELIVERED, DELIVERY_FAILED, FAILED, RETURNED, RETURNING};
use super::{Operation, Phase, Stamp, Status, StatusClock, Transition, Workflow};
use crate::Role::{Customer, Merchant, Ops, System};

const PENDING: Status = Status::new("pending", Phase::Placed);
const PROCESSING: Status = Status::new("processing", Phase::Preparing);
const SHIPPED: Status = Status::new("shipped", Phase::OnTheWay);

pub(super) static PARCEL: Workflow = Workflow {
    name: "parcel",
    initial: PENDING,
    automatic: &[],
    prepared_by_store: false,
    statuses: &[
        PENDING,
        PROCESSING,
        SHIPPED,
        DELIVERY_FAILED,
        RETURNING,
        DELIVERED,
        RETURNED,
        CANCELLED,
        FAILED,
    ],
    transitions: &[
        Transition::new(&[PENDING], PROCESSING, &[Ops, Merchant, System]).with(Operation::Process),
        Transition::new(&[PROCESSING], SHIPPED, &[Ops, Merchant, System])
            .with(Operation::Pickup)
            .stamped(Stamp::PickedUp),
        Transition::new(&[SHIPPED], DELIVERED, &[Ops, Merchant, System])
            .with(Operation::Deliver)
            .stamped(Stamp::Delivered),
        Transition::new(&[DELIVERED], SHIPPED, &[Ops]).with(Operation::Reopen),
        Transition::new(&[SHIPPED], DELIVERY_FAILED, &[Ops, Merchant])
            .with(Operation::DeliveryFailed)
            .stamped(Stamp::DeliveryFailed),
        Transition::new(&[DELIVERY_FAILED], SHIPPED, &[Ops, Merchant]).with(Operation::Retry),
        // After shipping a merchant cannot cancel the order, only have it returned.
        Transition::new(&[SHIPPED, DELIVERY_FAILED], RETURNING, &[Ops, Merchant])
            .with(Operation::Return),
        Transition::new(&[RETURNING], RETURNED, &[Ops, Merchant])
            .with(Operation::Returned)
            .stamped(Stamp::Returned),
        Transition::new(&[PENDING], CANCELLED, &[Ops, Merchant, Customer])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(&[PROCESSING], CANCELLED, &[Ops, Merchant])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(&[SHIPPED, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops])
            .with(Operation::Cancel)
            .stamped(Stamp::Cancelled),
        Transition::new(
            &[PENDING, PROCESSING, SHIPPED, DELIVERY_FAILED, RETURNING],
            FAILED,
            &[Ops],
        )
        .with(Operation::Fail),
    ],
    clocks: &[
        StatusClock::delayed(PENDING, DAY),
        StatusClock::delayed(PROCESSING, 2 * DAY),
        StatusClock::delayed(SHIPPED, 7 * DAY),
        StatusClock::delayed(DELIVERY_FAILED, 2 * DAY),
        StatusClock::delayed(RETURNING, 14 * DAY),
    ],
    autopilot: &[PENDING, PROCESSING, SHIPPED, DELIVERED],
};
