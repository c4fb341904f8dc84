//! Responses that contain an order.

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::{Outcome, Replay};
use domain::{Details, Order, Principal, visibility};
use http::header::ETAG;
use http::{HeaderValue, StatusCode};
use http_api::{Problem, etag};

/// Returns the order as `principal` sees it, with its `ETag`. Returns 204 with only the `ETag` if
/// the principal can no longer see the order that they changed, such as a driver who gave an
/// order back.
pub(crate) fn order(
    status: StatusCode,
    principal: &Principal,
    order: &Order,
    details: Option<&Details>,
) -> Response {
    match visibility::order(principal, order, details) {
        Some(view) => (status, [(ETAG, etag(order.version))], Json(view)).into_response(),
        None => out_of_sight(order),
    }
}

/// Returns the order after a change, and marks a replay. A replay reveals nothing to a principal
/// who can no longer see the order.
pub(crate) fn outcome(
    status: StatusCode,
    principal: &Principal,
    outcome: &Outcome,
    details: Option<&Details>,
) -> Response {
    match outcome {
        Outcome::Committed(head) => committed(status, principal, &head.order, details),
        Outcome::Unchanged(unchanged) => order(status, principal, unchanged, details),
        Outcome::Replayed(replay) => {
            let Replay { then, now } = &**replay;
            let mut response = if visibility::sees(principal, now) {
                committed(status, principal, then, details)
            } else {
                out_of_sight(then)
            };
            let replayed = HeaderValue::from_static("true");
            response.headers_mut().insert("idempotent-replayed", replayed);
            response
        }
    }
}

/// Returns the order after a commit, or a problem if the commit recorded a wrong handover code.
fn committed(
    status: StatusCode,
    principal: &Principal,
    changed: &Order,
    details: Option<&Details>,
) -> Response {
    match changed.refused_handover() {
        Some(handover) => Problem::wrong_handover_code(handover, changed.version).into_response(),
        None => order(status, principal, changed, details),
    }
}

fn out_of_sight(order: &Order) -> Response {
    (StatusCode::NO_CONTENT, [(ETAG, etag(order.version))]).into_response()
}
