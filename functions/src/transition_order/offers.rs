//! Offers of an order to drivers: `POST /orders/{id}/dispatch`, `…/accept` and `…/decline`.

use domain::{DriverId, InPlace, MAX_OFFERED, Offering, Operation, Reason, Step};
use http_api::ProblemKind;
use serde_json::json;

use super::operation::OperationRoute;
use crate::change::ReadAction;
use crate::describe::Endpoint;

pub(super) const OPERATIONS: [OperationRoute; 1] = [OperationRoute {
    operation: Operation::Accept,
    id: "acceptOffer",
    tag: "Offers",
    summary: "Accept an offer (driver)",
    read: |_, target| Some(Step::Accept { driver: DriverId::from(&target.principal.id) }.into()),
    examples: || vec![json!({})],
    refusals: &[ProblemKind::OfferOver, ProblemKind::DriverUnavailable],
}];

/// `{"drivers", "seconds"?, "replace"?}`
pub(super) const DISPATCH: ReadAction = |fields, target| {
    let drivers = fields.required_texts("drivers", 1..=MAX_OFFERED, DriverId::parse);
    let time = fields.number("seconds").unwrap_or_default();
    let replace = fields.flag("replace") || target.names_version;
    let mut drivers = drivers?;
    drivers.sort_unstable();
    drivers.dedup();
    Some(InPlace::Offer(Offering { drivers, time, replace, radius_m: None }).into())
};

/// `{"reason"?}`
pub(super) const DECLINE: ReadAction = |fields, target| {
    let reason = fields.text("reason", Reason::parse);
    Some(InPlace::Decline { driver: DriverId::from(&target.principal.id), reason }.into())
};

pub(super) fn describe_dispatch(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("dispatchOrder", "Offers", "Offer the order to drivers")
        .about(
            "For operations and the merchant, while a driver can be assigned and none is. The \
             first driver to accept gets the order. With `replace`, or with `If-Match`, the offer \
             replaces one that stands.",
        )
        .changes(DISPATCH, &[json!({ "drivers": ["driver-7", "driver-8"], "seconds": 45 })])
        .refuses(&[ProblemKind::TransitionNotAllowed, ProblemKind::DriverUnavailable])
        .refuses(&[ProblemKind::OfferStands, ProblemKind::OrderClosed])
}

pub(super) fn describe_decline(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("declineOffer", "Offers", "Decline an offer (driver)")
        .about("For a driver to whom the order is offered. A repetition changes nothing.")
        .changes(DECLINE, &[json!({ "reason": "Too far away." })])
        .refuses(&[ProblemKind::OfferOver])
}
