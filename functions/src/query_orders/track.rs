//! `GET /orders/{id}/track`.

use axum::extract::State;
use axum::response::Response;
use clock::Timestamp;
use domain::visibility::{has_tracks, sees_track};
use domain::{Order, Principal, Roster, Trip, Version, track as track_of, trips};
use http::{HeaderMap, StatusCode};
use http_api::{Authenticated, OrderPath, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::describe::Endpoint;
use crate::tracks::{GEO_JSON, TrackView, example, geo_json, respond};

/// The longest time of a trip whose track is shown, in seconds; of a longer one, its end.
const MAX_TRIP_S: i64 = 12 * 60 * 60;

/// The greatest number of trips whose tracks are shown: the last ones.
const MAX_TRIPS: usize = 10;

/// The track of an order.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderTrack")]
struct OrderTrack {
    /// The trips, each of one driver, in order of time.
    trips: Vec<TrackView>,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("getOrderTrack", "Orders", "Get an order's track")
        .about(
            "The ways that the order was carried, for operations, for support while the order is \
             open, and for the merchant as far as its own fleet carried it; its stores see that of \
             an open order. The track of a trip is at most its last 12 hours, and an order has at \
             most its last ten trips. The track of an erased order is empty. A caller who accepts \
             `application/geo+json` gets GeoJSON.",
        )
        .responds::<OrderTrack>(StatusCode::OK, "The tracks of the order's trips.", &[])
        .example(StatusCode::OK, Some(json!({ "trips": [example()] })))
        .also_as(StatusCode::OK, GEO_JSON, geo_json())
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
        .refuses_as(forbidden())
}

fn forbidden() -> Problem {
    let detail = "Only operations, support and the merchant can see an order's track.";
    Problem::new(ProblemKind::Forbidden, detail)
}

pub(super) async fn track(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    headers: HeaderMap,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let order = app.seen(principal, id).await?;
    query.finish()?;
    if !has_tracks(principal.role()) {
        return Err(forbidden());
    }
    let mut tracks = Vec::new();
    if !order.is_erased {
        for trip in trips_of(&app, &order).await? {
            tracks.extend(track_of_trip(&app, principal, &order, trip).await?);
        }
    }
    let body = OrderTrack { trips: tracks };
    Ok(respond(&headers, &body.trips, &body))
}

/// Returns the last trips of an order.
async fn trips_of(app: &App, order: &Order) -> Result<Vec<Trip>, Problem> {
    let (id, workflow) = (order.id, order.placed.workflow);
    let events = app.db.history(id, workflow, Version(0), order.version).await?;
    let mut trips = trips(id, &events).map_err(Problem::from_fault)?;
    Ok(trips.split_off(trips.len().saturating_sub(MAX_TRIPS)))
}

/// Returns the track of a trip, if the principal sees it.
async fn track_of_trip(
    app: &App,
    principal: &Principal,
    order: &Order,
    Trip { driver, from, to }: Trip,
) -> Result<Option<TrackView>, Problem> {
    let roster = app.db.roster(&driver).await?;
    let fleet = roster.as_ref().map(|Roster { fleet, .. }| fleet);
    if !sees_track(principal, order, fleet) {
        return Ok(None);
    }
    let end: Timestamp = to.unwrap_or_else(|| app.clock.now());
    let from = from.max(end.plus_seconds(-MAX_TRIP_S));
    let fixes = app.db.fixes(&driver, from, end).await?;
    Ok(Some(TrackView::of(driver, (from, to), &track_of(&fixes))))
}
