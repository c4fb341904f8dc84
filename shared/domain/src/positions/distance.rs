//! Distances on the Earth, as if it were a sphere: wrong by at most 0.6 %.

use std::f64::consts::PI;

use super::cell::Area;
use crate::Location;

/// The Earth's mean radius, in metres.
/// <https://en.wikipedia.org/wiki/Earth_radius#Arithmetic_mean_radius>
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Returns the distance between two points, in metres.
pub fn distance_m(from: Location, to: Location) -> f64 {
    let apart = (to.lng() - from.lng()).to_radians();
    metres(from.lat().to_radians(), to.lat().to_radians(), apart)
}

/// Returns the distance from a point to the nearest point of an area, in metres; 0 inside.
pub(super) fn distance_to_area_m(from: Location, area: &Area) -> f64 {
    let (lat, south, north) =
        (from.lat().to_radians(), area.south.to_radians(), area.north.to_radians());
    let east_of_west = (from.lng() - area.west).rem_euclid(360.0);
    let width = area.east - area.west;
    if east_of_west <= width {
        return metres(lat, lat.clamp(south, north), 0.0);
    }
    // The nearest point is on the nearer meridian, at the foot of the perpendicular, or at an end.
    let apart = (east_of_west - width).min(360.0 - east_of_west).to_radians();
    let foot = lat.sin().atan2(lat.cos() * apart.cos());
    metres(lat, foot.clamp(south, north), apart)
}

/// Returns the distance between points at two latitudes, whose longitudes are `apart`; all in
/// radians. The haversine formula is exact for small distances too.
fn metres(lat: f64, other: f64, apart: f64) -> f64 {
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let haversine = half(other - lat) + lat.cos() * other.cos() * half(apart);
    2.0 * EARTH_RADIUS_M * haversine.clamp(0.0, 1.0).sqrt().asin()
}

/// Returns the longitudes to each side of a point that a circle of this radius reaches, in degrees;
/// `None` if it reaches all, because a pole is inside.
pub(super) fn reach_in_lng(from: Location, radius_m: f64) -> Option<f64> {
    let (lat, angle) = (from.lat().abs().to_radians(), radius_m / EARTH_RADIUS_M);
    let is_pole_outside = lat + angle < PI / 2.0;
    is_pole_outside.then(|| (angle.sin() / lat.cos()).asin().to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat: f64, lng: f64) -> Location {
        Location::new(lat, lng).unwrap()
    }

    #[test]
    fn distances_are_those_of_the_sphere() {
        let degree = EARTH_RADIUS_M * PI / 180.0;
        for (from, to, expected) in [
            (at(51.5, -0.1), at(51.5, -0.1), 0.0),
            (at(0.0, 0.0), at(1.0, 0.0), degree),
            (at(0.0, 179.5), at(0.0, -179.5), degree),
            (at(89.5, 0.0), at(89.5, 180.0), degree),
            (at(90.0, 10.0), at(90.0, -170.0), 0.0),
            (at(60.0, 0.0), at(60.0, 0.001), degree / 2000.0),
            (at(0.0, 0.0), at(0.0, 180.0), 180.0 * degree),
            (at(-90.0, 0.0), at(90.0, 0.0), 180.0 * degree),
        ] {
            let found = distance_m(from, to);
            assert!((found - expected).abs() < 0.01, "{from:?} {to:?}: {found}, not {expected}");
        }
    }

    #[test]
    fn an_area_is_as_far_as_its_nearest_point() {
        let degree = EARTH_RADIUS_M * PI / 180.0;
        let area = Area { south: 0.0, north: 10.0, west: 170.0, east: 180.0 };
        let polar = Area { south: 80.0, north: 90.0, west: 0.0, east: 10.0 };
        for (from, area, expected) in [
            (at(5.0, 175.0), &area, 0.0),
            (at(5.0, -180.0), &area, 0.0),
            (at(0.0, -179.0), &area, degree),
            (at(-1.0, 175.0), &area, degree),
            (at(11.0, 175.0), &area, degree),
            (at(85.0, -170.0), &polar, 5.0 * degree),
            (at(90.0, -170.0), &polar, 0.0),
        ] {
            let found = distance_to_area_m(from, area);
            assert!((found - expected).abs() < 0.01, "{from:?}: {found}, not {expected}");
        }
    }
}
