//! `GET /drivers?near=LAT,LNG`.

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::StoredDriver;
use domain::{Bounds, Fleet, Invalid, Location, Ranked, Roster, Shape, Shaped, ranked};
use http_api::Problem;

use super::view::{DriverView, DriversView};
use crate::app::App;

/// The maximum number of drivers near a point.
const MOST: usize = 20;

/// The greatest distance of a driver's cell from the point, in metres.
const WITHIN_M: f64 = 10_000.0;

/// The maximum number of characters of a point.
const MAX_LENGTH: usize = 40;

/// The point in a query for the drivers near it.
pub(super) struct Near(Location);

impl Shaped for Near {
    const SHAPE: Shape = Shape {
        name: None,
        about: "Only drivers on duty near this point, the nearest first: latitude and longitude in \
                degrees of WGS 84, as in `51.5074,-0.1278`. Not with `cursor`.",
        bounds: Bounds::Text {
            length: (3, MAX_LENGTH),
            pattern: concat!(
                r"^-?(90(\.0+)?|[0-8]?[0-9](\.[0-9]+)?)",
                r",-?(180(\.0+)?|(1[0-7][0-9]|0?[0-9]{1,2})(\.[0-9]+)?)$",
            ),
        },
    };
}

impl Near {
    /// Parses `LAT,LNG`.
    pub(super) fn parse(text: &str) -> Result<Self, Invalid> {
        let text = Some(text).filter(|text| text.len() <= MAX_LENGTH).unwrap_or_default();
        let (lat, lng) = text.split_once(',').unwrap_or_default();
        match (degrees(lat, 2), degrees(lng, 3)) {
            (Some(lat), Some(lng)) => Location::new(lat, lng).map(Self),
            _ => Err(Invalid::new("must be LAT,LNG in degrees, such as 51.5074,-0.1278")),
        }
    }

    /// Responds with the drivers of a fleet near the point.
    pub(super) async fn list(
        self,
        app: &App,
        fleet: &Fleet,
        available: bool,
    ) -> Result<Response, Problem> {
        let Self(from) = self;
        let is_wanted = |roster: &Roster| !available || roster.check_available().is_ok();
        let found = app.db.candidates(fleet, (from, WITHIN_M), MOST, is_wanted).await?;
        let now = app.clock.now();
        let ranked = ranked(found, from, now);
        let ids: Vec<_> = ranked.iter().map(|it| it.candidate.roster.driver.clone()).collect();
        let mut profiles = app.db.profiles(&ids).await?;
        let found = ranked.into_iter().filter_map(|Ranked { candidate, distance_m }| {
            let profile = profiles.remove(&candidate.roster.driver)?;
            let age = now.seconds_since(candidate.fix.at);
            Some((StoredDriver { roster: candidate.roster, profile }, rounded(distance_m), age))
        });
        let found: Vec<_> = found.collect();
        let drivers = found
            .iter()
            .map(|(stored, distance_m, age)| DriverView::of(stored).near(*distance_m, *age));
        Ok(Json(DriversView { drivers: drivers.collect(), next: None }).into_response())
    }
}

/// Parses a plain number with at most `digits` digits before the point.
fn degrees(text: &str, digits: usize) -> Option<f64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let is_plain = (1..=digits).contains(&whole.len()) && !decimals.is_empty();
    let is_plain = is_plain && [whole, decimals].concat().bytes().all(|it| it.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2e7")]
fn rounded(metres: f64) -> u64 {
    metres.round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_two_plain_numbers_of_degrees() {
        for (text, expected) in [
            ("51.5074,-0.1278", Some((51.507_4, -0.127_8))),
            ("-90,180", Some((-90.0, 180.0))),
            ("0,0", Some((0.0, 0.0))),
            ("90.1,0", None),
            ("0,-180.1", None),
            ("51.5", None),
            ("51.5,", None),
            ("51.5,0,0", None),
            ("51.5, 0", None),
            ("+51.5,0", None),
            ("1e1,0", None),
            ("NaN,inf", None),
            ("51.,0", None),
            (".5,0", None),
            ("--1,0", None),
            ("-.5,0", None),
            ("051,0", None),
            ("51.5,0001", None),
            ("51.5,007.25", Some((51.5, 7.25))),
            ("51.5,-1.00000000000000000000000000000000", Some((51.5, -1.0))),
            ("51.5,-1.000000000000000000000000000000000", None),
            ("", None),
        ] {
            let expected = expected.map(|(lat, lng)| Location::new(lat, lng).unwrap());
            assert_eq!(Near::parse(text).ok().map(|near| near.0), expected, "{text}");
        }
    }
}
