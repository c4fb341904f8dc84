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

/// The longest time of all trips together whose track fits a response, in seconds.
const MAX_S: i64 = 6 * 60 * 60;

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
             an open order. Of trips that took more than six hours together, the last six are \
             shown. The track of an erased order is empty. A caller who accepts \
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
        let now = app.clock.now();
        for (trip, from) in last(trips_of(&app, &order).await?, now) {
            tracks.extend(track_of_trip(&app, principal, &order, (trip, from, now)).await?);
        }
    }
    let body = OrderTrack { trips: tracks };
    Ok(respond(&headers, &body.trips, &body))
}

/// Returns the trips of an order.
async fn trips_of(app: &App, order: &Order) -> Result<Vec<Trip>, Problem> {
    let (id, workflow) = (order.id, order.placed.workflow);
    let events = app.db.history(id, workflow, Version(0), order.version).await?;
    trips(id, &events).map_err(Problem::from_fault)
}

/// Returns the last trips, each with the time from which its track is shown.
fn last(trips: Vec<Trip>, now: Timestamp) -> Vec<(Trip, Timestamp)> {
    let mut left = MAX_S;
    let shown = trips.into_iter().rev().map_while(|trip| {
        let end = trip.to.unwrap_or(now);
        let from = trip.from.max(end.plus_seconds(-left));
        let is_shown = left > 0;
        left -= (end.epoch_millis() - from.epoch_millis()).div_euclid(1_000) + 1;
        is_shown.then_some((trip, from))
    });
    let mut shown: Vec<_> = shown.collect();
    shown.reverse();
    shown
}

/// Returns the track of a trip from this time on, if the principal sees it.
async fn track_of_trip(
    app: &App,
    principal: &Principal,
    order: &Order,
    (Trip { driver, to, .. }, from, now): (Trip, Timestamp, Timestamp),
) -> Result<Option<TrackView>, Problem> {
    let roster = app.db.roster(&driver).await?;
    let fleet = roster.as_ref().map(|Roster { fleet, .. }| fleet);
    if !sees_track(principal, order, fleet) {
        return Ok(None);
    }
    let fixes = app.db.fixes(&driver, from, to.unwrap_or(now)).await?;
    Ok(Some(TrackView::of(driver, (from, to), &track_of(&fixes))))
}

#[cfg(test)]
mod tests {
    use domain::DriverId;

    use super::*;

    /// Trips by their beginning and end in hours, and the beginning of those that are shown.
    #[test]
    fn the_last_six_hours_of_trips_are_shown() {
        let at = |hour: i64| Timestamp::from_epoch_seconds(1_763_719_200 + hour * 3_600).unwrap();
        let trip = |(from, to): &(i64, Option<i64>)| Trip {
            driver: DriverId::parse("d1").unwrap(),
            from: at(*from),
            to: to.map(at),
        };
        for (trips, expected) in [
            (vec![], vec![]),
            (vec![(0, Some(1)), (2, Some(3))], vec![0, 2]),
            (vec![(0, Some(9))], vec![3]),
            (vec![(0, None)], vec![14]),
            (vec![(0, Some(3)), (4, Some(8)), (9, Some(14))], vec![7, 9]),
            (vec![(0, Some(3)), (4, Some(10))], vec![4]),
        ] {
            let shown = last(trips.iter().map(trip).collect(), at(20));
            let hours: Vec<_> = shown
                .iter()
                .map(|(_, from)| (from.epoch_seconds() - at(0).epoch_seconds() + 1_800) / 3_600)
                .collect();
            assert_eq!(hours, expected, "{trips:?}");
        }
    }
}
