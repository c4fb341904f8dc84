//! Responses that contain an order.

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::{Head, KeyedRequest, Outcome, Replay};
use domain::visibility::OrderView;
use domain::{Courier, Details, Order, Principal, Store, Version, visibility};
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
        Some(view) => tagged(status, order, view),
        None => no_longer_seen(order.version),
    }
}

/// Returns the order as `principal` sees it, picked up at `store` unless it has its own pickup, and
/// brought by the courier whom the principal sees.
pub(crate) fn read(
    principal: &Principal,
    order: &Order,
    details: Option<&Details>,
    store: Option<&Store>,
    courier: Option<&Courier>,
) -> Result<Response, Problem> {
    let view = visibility::order(principal, order, details).ok_or_else(Problem::not_found)?;
    Ok(tagged(StatusCode::OK, order, view.with_pickup(store).with_courier(courier)))
}

fn tagged(status: StatusCode, order: &Order, view: OrderView<'_>) -> Response {
    (status, [(ETAG, etag(order.version))], Json(view)).into_response()
}

/// Returns the order after a change, and marks a replay. A replay reveals nothing to a principal
/// who can no longer see the order, or to whom it is only offered now.
pub(crate) fn changed(principal: &Principal, outcome: &Outcome) -> Response {
    match outcome {
        Outcome::Committed(head) => committed(principal, &head.order),
        Outcome::Unchanged(unchanged) if !visibility::sees(principal, unchanged) => {
            StatusCode::NO_CONTENT.into_response()
        }
        Outcome::Unchanged(unchanged) => order(StatusCode::OK, principal, unchanged, None),
        Outcome::Replayed(replay) => {
            let Replay { then, now } = &**replay;
            marked(if visibility::sees_whole(principal, now) {
                committed(principal, then)
            } else {
                no_longer_seen(then.version)
            })
        }
    }
}

/// Returns a new order, and marks a replay. A replay is the order as its creator first received
/// it, even if the order has left the creator's sight since, such as by a reassignment to another
/// store: it tells only what the same request told before.
pub(crate) fn created(
    principal: &Principal,
    outcome: &Outcome,
    details: &Details,
) -> Result<Response, Problem> {
    let new = match outcome {
        Outcome::Committed(head) => &head.order,
        Outcome::Unchanged(unchanged) => unchanged,
        Outcome::Replayed(replay) => &replay.then,
    };
    if !visibility::sees(principal, new) {
        return Err(Problem::from_fault("a creation made an order that its creator cannot see"));
    }
    let response = order(StatusCode::CREATED, principal, new, Some(details));
    Ok(if matches!(outcome, Outcome::Replayed(_)) { marked(response) } else { response })
}

/// Marks the response as a replay.
fn marked(mut response: Response) -> Response {
    response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    response
}

/// Returns the order after a commit, or a problem if the commit recorded a wrong handover code.
fn committed(principal: &Principal, changed: &Order) -> Response {
    match changed.refused_handover() {
        Some(handover) => Problem::wrong_handover_code(handover, changed.version).into_response(),
        None => order(StatusCode::OK, principal, changed, None),
    }
}

/// Returns 404 for an order that the caller does not see, unless the caller repeats a change that
/// the order's head remembers: such as the one that took the order out of sight. Nothing more is
/// read than the head, so that an order of others costs what an order that does not exist costs.
pub(crate) fn out_of_sight(
    head: &Head,
    request: Option<&KeyedRequest>,
) -> Result<Response, Problem> {
    let repeated = request.and_then(|request| head.made_by(request));
    repeated.map(|version| marked(no_longer_seen(version))).ok_or_else(Problem::not_found)
}

fn no_longer_seen(version: Version) -> Response {
    (StatusCode::NO_CONTENT, [(ETAG, etag(version))]).into_response()
}
