//! Responses that hold an order.

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::{Outcome, Replay};
use domain::{Details, Order, Principal, visibility};
use http::header::ETAG;
use http::{HeaderValue, StatusCode};
use http_api::{Problem, etag};

/// The order as `principal` sees it, with its `ETag`; 204 with the `ETag` alone
/// if they no longer see what they have just changed, as a driver who gave an
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

/// What became of a change: the order after it, and whether this was a replay,
/// which tells nothing to a principal who does not see the order any more.
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

/// The order after a commit: a refusal, if all that was committed is one.
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
