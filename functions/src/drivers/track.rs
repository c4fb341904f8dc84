//! `GET /drivers/{driver}/track`.

use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use domain::{Denied, DriverRights, Principal, Roster, track as track_of};
use http::{HeaderMap, StatusCode};
use http_api::{Authenticated, DriverPath, Problem, ProblemKind, QueryParameters, time_or_date};

use crate::app::App;
use crate::describe::Endpoint;
use crate::tracks::{GEO_JSON, TrackView, example, geo_json, respond};

/// The longest period in seconds: its track fits a response, with two fixes a second.
const MAX_PERIOD_S: i64 = 6 * 60 * 60;

/// Reads `from` and `to`.
fn take(query: &mut QueryParameters) -> (Option<Timestamp>, Option<Timestamp>) {
    let (from, to) = (query.take("from", time_or_date), query.take("to", time_or_date));
    if let (Some(from), Some(to)) = (from, to) {
        if to <= from {
            query.wrong("to", "must be after `from`");
        } else if from.plus_seconds(MAX_PERIOD_S) < to {
            query.wrong("to", "must be at most six hours after `from`");
        }
    }
    (from, to)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("getDriverTrack", "Drivers", "Get a driver's track")
        .about(
            "For the driver, operations, and the merchant whose fleet it is. The track of at most six hours, from `from` to `to`; without one of them of six hours, \
             and without both of the last six. Fixes that came late are in their place, \
             and those that the vehicle could not have come to are left out. A caller who accepts \
             `application/geo+json` gets GeoJSON.",
        )
        .query(take)
        .responds::<TrackView>(StatusCode::OK, "The track.", &[])
        .example(StatusCode::OK, Some(example()))
        .also_as(StatusCode::OK, GEO_JSON, geo_json())
        .refuses(&[ProblemKind::NotFound])
        .refuses_as(forbidden())
}

fn forbidden() -> Problem {
    let detail = "Only operations, the fleet's merchant and the driver can see a driver's track.";
    Problem::new(ProblemKind::Forbidden, detail)
}

/// Checks that the principal may see a driver's whole track, and not only those of orders.
fn check(principal: &Principal, roster: &Roster) -> Result<(), Problem> {
    match roster.rights_of(principal) {
        Ok(DriverRights::All | DriverRights::Own) => Ok(()),
        Err(Denied::NotFound) => Err(Problem::not_found()),
        Err(Denied::ReadOnly(_) | Denied::WholeMerchantOnly) => Err(forbidden()),
    }
}

pub(super) async fn track(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    DriverPath(id): DriverPath,
    headers: HeaderMap,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let roster = app.db.roster(&id).await?.ok_or_else(Problem::not_found)?;
    check(&caller.principal, &roster)?;
    let (from, to) = take(&mut query);
    let now = app.clock.now();
    if from.is_some_and(|from| now <= from) {
        query.wrong("from", "must be in the past");
    }
    query.finish()?;
    let to =
        to.unwrap_or_else(|| from.map_or(now, |from| from.plus_seconds(MAX_PERIOD_S).min(now)));
    let from = from.unwrap_or_else(|| to.plus_seconds(-MAX_PERIOD_S));
    let fixes = app.db.fixes(&id, from, to).await?;
    let track = TrackView::of(id, (from, Some(to)), &track_of(&fixes));
    Ok(respond(&headers, [&track], &track))
}
