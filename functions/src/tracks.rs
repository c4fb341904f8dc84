//! Tracks of drivers, as JSON and as `GeoJSON`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use domain::{DriverId, TrackPoint};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

/// The media type of `GeoJSON`. <https://www.rfc-editor.org/rfc/rfc7946#section-12>
pub(crate) const GEO_JSON: &str = "application/geo+json";

/// The track of a driver in a period.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Track")]
pub(crate) struct TrackView {
    pub(crate) driver: DriverId,
    pub(crate) from: Timestamp,
    /// The end of the period; null while it lasts.
    pub(crate) to: Option<Timestamp>,
    /// The places, in order of time.
    pub(crate) points: Vec<PointView>,
}

/// A place of a track.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "TrackPoint")]
pub(crate) struct PointView {
    at: Timestamp,
    /// The time until which the driver stood there; absent if the driver only came past.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// Degrees north of the equator.
    lat: f64,
    /// Degrees east of Greenwich.
    lng: f64,
    /// The radius within which the driver was with a probability of 95 %, in metres.
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<f64>,
}

impl TrackView {
    /// Makes a track of the places in a period, which can last.
    pub(crate) fn of(
        driver: DriverId,
        (from, to): (Timestamp, Option<Timestamp>),
        places: &[TrackPoint],
    ) -> Self {
        let is_in_period =
            |place: &&TrackPoint| place.until >= from && to.is_none_or(|to| place.fix.at <= to);
        let points = places.iter().filter(is_in_period).map(|place| {
            let until = to.map_or(place.until, |to| place.until.min(to));
            let at = place.fix.at.max(from);
            PointView {
                at,
                until: Some(until).filter(|until| *until > at),
                lat: place.fix.location.lat(),
                lng: place.fix.location.lng(),
                accuracy: place.fix.accuracy_m,
            }
        });
        Self { driver, from, to, points: points.collect() }
    }

    /// Returns the track as a feature, with the times of its positions in `coordTimes`.
    fn feature(&self) -> Value {
        let position = |point: &PointView| json!([point.lng, point.lat]);
        let geometry = match &self.points[..] {
            [] => Value::Null,
            [point] => json!({ "type": "Point", "coordinates": position(point) }),
            points => {
                let positions: Vec<_> = points.iter().map(position).collect();
                json!({ "type": "LineString", "coordinates": positions })
            }
        };
        let times: Vec<_> = self.points.iter().map(|point| point.at).collect();
        json!({
            "type": "Feature",
            "geometry": geometry,
            "properties": {
                "driver": self.driver,
                "from": self.from,
                "to": self.to,
                "coordTimes": times,
            },
        })
    }
}

/// Responds with tracks: as `GeoJSON` if the caller accepts it, otherwise as `body`.
pub(crate) fn respond<'a>(
    headers: &HeaderMap,
    tracks: impl IntoIterator<Item = &'a TrackView>,
    body: impl Serialize,
) -> Response {
    if !accepts_geo_json(headers) {
        return Json(body).into_response();
    }
    let features: Vec<_> = tracks.into_iter().map(TrackView::feature).collect();
    let collection = json!({ "type": "FeatureCollection", "features": features });
    ([(CONTENT_TYPE, GEO_JSON)], collection.to_string()).into_response()
}

fn accepts_geo_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).into_iter().filter_map(|value| value.to_str().ok());
    let mut types = accepted.flat_map(|value| value.split(','));
    types.any(|it| it.split(';').next().is_some_and(|it| it.trim().eq_ignore_ascii_case(GEO_JSON)))
}

/// Returns the description of `GeoJSON` in the documents.
pub(crate) fn geo_json() -> Value {
    json!({ "schema": {
        "type": "object",
        "description": "A GeoJSON FeatureCollection (RFC 7946) with a feature for each track: a \
            LineString, a Point if there is one place, or no geometry if there is none. Its \
            properties are `driver`, `from`, `to`, and `coordTimes`, the time of each position.",
    } })
}

/// Returns an example of a track.
pub(crate) fn example() -> Value {
    json!({
        "driver": "driver-7",
        "from": "2026-11-21T09:30:00.000Z",
        "to": "2026-11-21T09:42:10.000Z",
        "points": [
            { "at": "2026-11-21T09:30:00.000Z", "lat": 51.5074, "lng": -0.1278, "accuracy": 8.0 },
            {
                "at": "2026-11-21T09:31:15.000Z",
                "until": "2026-11-21T09:42:10.000Z",
                "lat": 51.51047,
                "lng": -0.13196,
                "accuracy": 5.0,
            },
        ],
    })
}

#[cfg(test)]
mod tests {
    use domain::{Fix, Location};
    use http::HeaderValue;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_epoch_seconds(1_763_719_800 + seconds).unwrap()
    }

    fn place(from: i64, until: i64) -> TrackPoint {
        let location =
            Location::new(1.0, f64::from(i32::try_from(from).unwrap()) / 1_000.0).unwrap();
        let fix = Fix { at: at(from), location, accuracy_m: None, speed: None, heading: None };
        TrackPoint { fix, until: at(until) }
    }

    fn track(from: i64, to: Option<i64>) -> TrackView {
        let places = [place(0, 5), place(10, 60), place(70, 70), place(80, 90)];
        let driver = DriverId::parse("d1").unwrap();
        TrackView::of(driver, (at(from), to.map(at)), &places)
    }

    /// Each place with the seconds of its beginning and end.
    #[test]
    fn a_track_is_cut_to_its_period() {
        for (from, to, expected) in [
            (0, None, vec![(0, Some(5)), (10, Some(60)), (70, None), (80, Some(90))]),
            (30, Some(70), vec![(30, Some(60)), (70, None)]),
            (60, Some(85), vec![(60, None), (70, None), (80, Some(85))]),
            (61, Some(69), vec![]),
            (91, None, vec![]),
        ] {
            let points = track(from, to).points;
            let seconds = |it: Timestamp| it.epoch_seconds() - at(0).epoch_seconds();
            let found = points.iter().map(|point| (seconds(point.at), point.until.map(seconds)));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{from} {to:?}");
        }
    }

    #[test]
    fn a_feature_has_the_geometry_of_its_places() {
        for (from, to, expected) in [
            (61, 69, json!(null)),
            (70, 70, json!({ "type": "Point", "coordinates": [0.07, 1.0] })),
            (70, 90, json!({ "type": "LineString", "coordinates": [[0.07, 1.0], [0.08, 1.0]] })),
        ] {
            let feature = track(from, Some(to)).feature();
            assert_eq!(feature["geometry"], expected);
            let times = feature["properties"]["coordTimes"].as_array().unwrap().len();
            assert_eq!(times, track(from, Some(to)).points.len());
        }
    }

    #[test]
    fn geo_json_is_for_those_who_accept_it() {
        for (accept, expected) in [
            (None, false),
            (Some("*/*"), false),
            (Some("application/json"), false),
            (Some("application/geo+json"), true),
            (Some("application/json, Application/GEO+JSON;q=0.9"), true),
            (Some("application/geo+json-seq"), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(accept.map(|accept| (ACCEPT, HeaderValue::from_static(accept))));
            assert_eq!(accepts_geo_json(&headers), expected, "{accept:?}");
        }
    }
}
