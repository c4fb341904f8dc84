//! `parcel`: a merchant packs a thing and hands it to a carrier that Waybill does
//! not know; what becomes of it there, the merchant or operations say.

use super::common::{CANCELLED, DELIVERED, DELIVERY_FAILED, FAILED, RETURNED, RETURNING};
use super::{Edge, Phase, Status, Workflow};
use crate::domain::Role::{Customer, Merchant, Ops};

const PENDING: Status = Status::new("pending", Phase::Placed);
const PROCESSING: Status = Status::new("processing", Phase::Preparing);
const SHIPPED: Status = Status::new("shipped", Phase::OnTheWay);

/// The table.
pub(super) static PARCEL: Workflow = Workflow {
    name: "parcel",
    initial: PENDING,
    automatic: &[],
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
    edges: &[
        Edge::new(&[PENDING], PROCESSING, &[Ops, Merchant]),
        Edge::new(&[PROCESSING], SHIPPED, &[Ops, Merchant]),
        Edge::new(&[SHIPPED], DELIVERED, &[Ops, Merchant]),
        Edge::new(&[SHIPPED], DELIVERY_FAILED, &[Ops, Merchant]),
        Edge::new(&[DELIVERY_FAILED], SHIPPED, &[Ops, Merchant]),
        // Once shipped, a merchant's way back is a return.
        Edge::new(&[SHIPPED, DELIVERY_FAILED], RETURNING, &[Ops, Merchant]),
        Edge::new(&[RETURNING], RETURNED, &[Ops, Merchant]),
        Edge::new(&[PENDING], CANCELLED, &[Ops, Merchant, Customer]),
        Edge::new(&[PROCESSING], CANCELLED, &[Ops, Merchant]),
        Edge::new(&[SHIPPED, DELIVERY_FAILED, RETURNING], CANCELLED, &[Ops]),
        Edge::new(&[PENDING, PROCESSING, SHIPPED, DELIVERY_FAILED, RETURNING], FAILED, &[Ops]),
    ],
};
