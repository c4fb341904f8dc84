//! `POST …/positions`: uploads of a driver's positions, of which the last is kept.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::Whereabouts;
use domain::{Advice, Cell, Denied, DriverId, Fix, Ignored, Principal, Verdicts};
use http::StatusCode;
use http_api::{Authenticated, DriverPath, FieldError, Fields, JsonBody, Problem, ProblemKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::write::ATTEMPTS;
use super::{denied, form};
use crate::app::App;
use crate::describe::Endpoint;

/// The decision about an upload.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PositionsReceipt")]
struct Receipt<'a> {
    /// The number of fixes that were not ignored. The newest of them is the driver's position.
    accepted: usize,
    /// The fixes that were ignored. To send one again is of no use.
    ignored: Vec<IgnoredView<'a>>,
    /// The intervals from now on.
    next: Advice,
}

/// A fix that was ignored.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IgnoredPosition")]
struct IgnoredView<'a> {
    /// The fix's index in `fixes`, from 0.
    index: usize,
    reason: Ignored,
    /// The first invalid field of a malformed fix.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a FieldError>,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("sendPositions", "Drivers", "Send a driver's positions")
        .about(
            "For the driver, operations, and the merchant whose fleet it is. Each fix is judged by \
             itself: one that is malformed, from the future, more than a day old, from outside the \
             duty, or not newer than the known position is ignored, and the response says why. Only \
             the newest fix is kept, and nothing off duty. `next` says how often to measure and \
             to send from now on; 0 means not at all. A repetition changes nothing.",
        )
        .body(example(), |fields| Some(form::fixes(fields)))
        .responds::<Receipt<'_>>(StatusCode::OK, "The decision about each fix.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
        .refuses_as(denied(Denied::WholeMerchantOnly))
}

fn example() -> Value {
    json!({ "fixes": [{
        "at": "2026-11-21T09:30:00.000Z",
        "lat": 51.5074,
        "lng": -0.1278,
        "accuracy": 12.5,
        "speed": 4.2,
        "heading": 270,
    }] })
}

pub(super) async fn upload(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    let first = read(&app, &caller.principal, &id).await?;
    let read_fixes = Fields::read(body.value, |fields| Some(form::fixes(fields)))?;
    let fixes: Vec<_> = read_fixes.iter().map(|fix| fix.as_ref().ok().copied()).collect();
    let (verdicts, at) = kept(&app, &caller.principal, first, &fixes).await?;
    let next = Advice::to(&at.roster);
    settle(&app, at).await?;
    let ignored = verdicts.ignored.iter().map(|(index, reason)| IgnoredView {
        index: *index,
        reason: *reason,
        error: read_fixes[*index].as_ref().err(),
    });
    let receipt = Receipt { accepted: verdicts.accepted, ignored: ignored.collect(), next };
    Ok(Json(receipt).into_response())
}

/// Returns the roster and the position of a driver whom `principal` may change.
async fn read(app: &App, principal: &Principal, id: &DriverId) -> Result<Whereabouts, Problem> {
    let at = app.db.whereabouts(id).await?.ok_or_else(Problem::not_found)?;
    at.roster.rights_of(principal).map_err(denied)?;
    Ok(at)
}

/// Keeps the newest fix that is newer than the known one, first of the driver as in `at`. If other
/// uploads or a change of duty come first, the fixes are judged again.
async fn kept(
    app: &App,
    principal: &Principal,
    mut at: Whereabouts,
    fixes: &[Option<Fix>],
) -> Result<(Verdicts, Whereabouts), Problem> {
    for _ in 0..ATTEMPTS {
        let verdicts = Verdicts::of(fixes, &at.roster, at.last.as_ref(), app.clock.now());
        let Some(last) = verdicts.last else { return Ok((verdicts, at)) };
        if app.db.keep_fix(&at, &last).await? {
            at.last = Some(last);
            return Ok((verdicts, at));
        }
        at = read(app, principal, &at.roster.driver).await?;
    }
    let detail = "Other uploads kept changing the driver's position. Try again.";
    Err(Problem::new(ProblemKind::Contended, detail))
}

/// Has searches find the driver at the last position of the duty. If others come first until the
/// last attempt, the next upload does it.
async fn settle(app: &App, mut at: Whereabouts) -> Result<(), Problem> {
    for _ in 0..ATTEMPTS {
        let Some(cell) = new_cell(&at) else { return Ok(()) };
        if app.db.move_to(&at, &cell).await? {
            return Ok(());
        }
        match app.db.whereabouts(&at.roster.driver).await? {
            Some(moved) => at = moved,
            None => return Ok(()),
        }
    }
    Ok(())
}

/// Returns the cell of the last position of the duty, if searches find the driver in another one.
fn new_cell(at: &Whereabouts) -> Option<Cell> {
    let last = at.last.filter(|fix| fix.is_of_duty(&at.roster))?;
    Some(Cell::of(last.location)).filter(|cell| at.cell.as_ref() != Some(cell))
}
