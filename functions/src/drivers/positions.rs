//! `POST …/positions`: uploads of a driver's positions.

use axum::Json;
use axum::extract::State;
use domain::Denied;
use http::StatusCode;
use http_api::{Authenticated, DriverPath, Fields, JsonBody, Problem, ProblemKind};
use serde_json::json;

use super::denied;
use crate::describe::Endpoint;
use crate::positions::{Positions, Receipt, Upload, example_fix};

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("sendPositions", "Drivers", "Send a driver's positions")
        .about(
            "For the driver, operations, and the merchant whose fleet it is. Each fix is judged by \
             itself: one that is malformed, from the future, more than a day old, from outside the \
             duty, or of the same half second as a known one is ignored, and the response says why. \
             Fixes may come late and in any order. `next` says how often to measure and to send \
             from now on; 0 means not at all. `outage` tells why there are no fixes for a while. A \
             repetition changes nothing.",
        )
        .body(json!({ "fixes": [example_fix()] }), |fields| Some(Upload::read(fields)))
        .responds::<Receipt>(StatusCode::OK, "The decision about each fix.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

pub(super) async fn upload(
    State(positions): State<Positions>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    body: JsonBody,
) -> Result<Json<Receipt>, Problem> {
    let at = positions.whereabouts(&caller.principal, &id).await?;
    let upload = Fields::read(body.value, |fields| Some(Upload::read(fields)))?;
    Ok(Json(positions.receive(&caller.principal, at, upload).await?))
}
