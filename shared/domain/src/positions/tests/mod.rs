mod arrivals;
mod ranks;
mod searches;
mod tracks;
mod uploads;

use clock::Timestamp;

use super::{EARTH_RADIUS_M, Fix};
use crate::{DriverId, Fleet, Location, OrderId, Roster};

const NOW: &str = "2026-11-21T12:00:00Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

/// A driver whose duty began `on_duty_for` seconds ago.
fn roster(driver: &str, on_duty_for: Option<i64>, orders: u8) -> Roster {
    Roster {
        on_duty_since: on_duty_for.map(|seconds| now().plus_seconds(-seconds)),
        orders: (0..orders).map(|n| OrderId::derived([n; 16])).collect(),
        ..Roster::new(DriverId::parse(driver).unwrap(), Fleet::Platform)
    }
}

fn fix(seconds_ago: i64, lat: f64) -> Fix {
    let (at, location) = (now().plus_seconds(-seconds_ago), Location::new(lat, 0.0).unwrap());
    Fix { at, location, accuracy_m: None, speed: None, heading: None }
}

/// A point so many metres east and north of one on the equator.
fn metres_from(east: f64, north: f64) -> Location {
    let degrees = |metres: f64| (metres / EARTH_RADIUS_M).to_degrees();
    Location::new(degrees(north), degrees(east)).unwrap()
}
