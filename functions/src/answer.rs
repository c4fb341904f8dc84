//! Answers that hold an order.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::ETAG;
use http::{HeaderValue, StatusCode};
use shared::domain::{Details, Order, Principal, visibility};
use shared::http::etag;
use shared::store::Outcome;

/// The order as `principal` sees it, with its `ETag`; 204 with the `ETag` alone
/// if they no longer see what they have just changed, as a driver who gave an
/// order back.
pub(crate) fn order(
    status: StatusCode,
    principal: &Principal,
    order: &Order,
    details: Option<&Details>,
) -> Response {
    let tag = [(ETAG, etag(order.version))];
    match visibility::order(principal, order, details) {
        Some(view) => (status, tag, Json(view)).into_response(),
        None => (StatusCode::NO_CONTENT, tag).into_response(),
    }
}

/// What became of a change: the order after it, and whether this was a replay.
pub(crate) fn outcome(
    status: StatusCode,
    principal: &Principal,
    outcome: &Outcome,
    details: Option<&Details>,
) -> Response {
    let (Outcome::Committed(changed) | Outcome::Replayed(changed) | Outcome::Unchanged(changed)) =
        outcome;
    let mut response = order(status, principal, changed, details);
    if matches!(outcome, Outcome::Replayed(_)) {
        let replayed = HeaderValue::from_static("true");
        response.headers_mut().insert("idempotent-replayed", replayed);
    }
    response
}
