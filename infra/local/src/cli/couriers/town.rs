//! A made-up town, and straight ways through it.

use std::f64::consts::{PI, TAU};
use std::time::Duration;

use domain::{EARTH_RADIUS_M, Location};

/// The speed of every courier, in metres per second. Nobody drives so fast in a town, but the
/// average trip in this one then takes half a minute.
const SPEED: f64 = 30.0;

/// The radius of the town, in metres. The average distance between two points of a disc is 0.905
/// of its radius (<https://mathworld.wolfram.com/DiskLinePicking.html>).
const RADIUS_M: f64 = 1000.0;

/// The length of a degree of latitude.
const METRES_PER_DEGREE: f64 = EARTH_RADIUS_M * PI / 180.0;

/// A round town.
#[derive(Clone, Copy, Debug)]
pub(super) struct Town {
    pub(super) centre: Location,
}

impl Town {
    /// Returns the place where a courier begins, of `couriers` who are spread evenly over the town
    /// on a sunflower's spiral: the first at the centre, the last at the edge.
    /// <https://en.wikipedia.org/wiki/Fermat%27s_spiral#The_golden_ratio_and_the_golden_angle>
    pub(super) fn home(self, number: u8, couriers: u8) -> Location {
        let golden_angle = PI * (3.0 - 5_f64.sqrt());
        let nth = f64::from(number.saturating_sub(1));
        let radius = RADIUS_M * (nth / f64::from(couriers)).sqrt();
        let (north, east) = (nth * golden_angle).sin_cos();
        let lat = self.centre.lat() + radius * north / METRES_PER_DEGREE;
        let shrunk = METRES_PER_DEGREE * self.centre.lat().to_radians().cos();
        let lng = wrapped(self.centre.lng() + radius * east / shrunk);
        // Near a pole, a point can be beyond it.
        Location::new(lat, lng).unwrap_or(self.centre)
    }
}

/// Returns degrees of longitude, or of a difference of longitudes, between −180 and 180.
fn wrapped(degrees: f64) -> f64 {
    (degrees + 180.0).rem_euclid(360.0) - 180.0
}

/// Returns the way from a point to another, in metres to the north and to the east. Where a degree
/// of longitude has several lengths, the greatest counts, so that nobody drives faster than
/// [`SPEED`] anywhere on the way.
fn way(from: Location, to: Location) -> (f64, f64) {
    let widest = if (from.lat() < 0.0) == (to.lat() < 0.0) {
        from.lat().abs().min(to.lat().abs()).to_radians().cos()
    } else {
        1.0
    };
    let north = (to.lat() - from.lat()) * METRES_PER_DEGREE;
    let east = wrapped(to.lng() - from.lng()) * METRES_PER_DEGREE * widest;
    (north, east)
}

/// Returns the length of the way from a point to another, in metres.
pub(super) fn metres(from: Location, to: Location) -> f64 {
    let (north, east) = way(from, to);
    north.hypot(east)
}

/// A drive in a straight line, with a constant change of the latitude and of the longitude.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trip {
    from: Location,
    pub(super) to: Location,
    begins: Duration,
    takes: Duration,
}

impl Trip {
    /// Returns a trip that begins at the time `now`.
    pub(super) fn new(from: Location, to: Location, now: Duration) -> Self {
        let takes = Duration::from_secs_f64(metres(from, to) / SPEED);
        Self { from, to, begins: now, takes }
    }

    /// Returns the time of the arrival.
    pub(super) fn ends(&self) -> Duration {
        self.begins + self.takes
    }

    /// Returns the place at a time.
    pub(super) fn at(&self, now: Duration) -> Location {
        let share = now.saturating_sub(self.begins).as_secs_f64() / self.takes.as_secs_f64();
        // A trip of no length has arrived, and its share is no number.
        if now >= self.ends() || share.is_nan() {
            return self.to;
        }
        let lat = self.from.lat() + share * (self.to.lat() - self.from.lat());
        let lng = self.from.lng() + share * wrapped(self.to.lng() - self.from.lng());
        Location::new(lat, wrapped(lng)).unwrap_or(self.to)
    }
}

/// How a courier moves at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    pub(super) location: Location,
    /// In metres per second.
    pub(super) speed: f64,
    /// The direction in degrees clockwise from true north; `None` for one who stands.
    pub(super) heading: Option<f64>,
}

impl Motion {
    /// Returns the motion of a courier who stands.
    pub(super) const fn none(location: Location) -> Self {
        Self { location, speed: 0.0, heading: None }
    }

    /// Returns the motion on a trip.
    pub(super) fn on(trip: &Trip, now: Duration) -> Self {
        if now >= trip.ends() {
            return Self::none(trip.to);
        }
        let (north, east) = way(trip.from, trip.to);
        let heading = east.atan2(north).rem_euclid(TAU).to_degrees();
        Self { location: trip.at(now), speed: SPEED, heading: Some(heading) }
    }
}

#[cfg(test)]
mod tests {
    use domain::distance_m;
    use proptest::prelude::*;

    use super::*;

    const CENTRE: (f64, f64) = (51.51, -0.13);

    fn at((lat, lng): (f64, f64)) -> Location {
        Location::new(lat, lng).unwrap()
    }

    #[test]
    fn couriers_live_all_over_the_town_and_apart() {
        let town = Town { centre: at(CENTRE) };
        assert_eq!(town.home(1, 100), town.centre);
        let homes: Vec<_> = (1..=100).map(|number| town.home(number, 100)).collect();
        for (index, home) in homes.iter().enumerate() {
            assert!(distance_m(town.centre, *home) <= RADIUS_M + 1.0);
            let apart = homes[..index].iter().map(|other| distance_m(*home, *other));
            assert!(apart.fold(f64::INFINITY, f64::min) > 50.0, "{index}");
        }
        let side = |is: fn(&Location, Location) -> bool| {
            homes.iter().filter(|home| is(home, town.centre)).count()
        };
        assert!((40..=60).contains(&side(|home, centre| home.lat() > centre.lat())));
        assert!((40..=60).contains(&side(|home, centre| home.lng() > centre.lng())));
    }

    #[test]
    fn a_trip_in_the_town_takes_about_half_a_minute() {
        let town = Town { centre: at(CENTRE) };
        let homes: Vec<_> = (1..=100).map(|number| town.home(number, 100)).collect();
        let pairs = homes.iter().flat_map(|from| homes.iter().map(move |to| (*from, *to)));
        let times = pairs.map(|(from, to)| Trip::new(from, to, Duration::ZERO).takes);
        let average = times.sum::<Duration>() / 10_000;
        assert!((27..=33).contains(&average.as_secs()), "{average:?}");
    }

    #[test]
    fn a_trip_leads_straight_from_its_begin_to_its_end() {
        let (from, to) = (at((51.5, -0.14)), at((51.52, -0.10)));
        let trip = Trip::new(from, to, Duration::from_secs(7));
        let length = distance_m(from, to);
        assert!((metres(from, to) - length).abs() < length * 0.001);
        assert_eq!(trip.at(Duration::ZERO), from);
        assert_eq!(trip.at(trip.ends()), to);
        assert_eq!(trip.at(trip.begins + trip.takes / 2), at((51.51, -0.12)));
        let heading = Motion::on(&trip, trip.begins).heading.unwrap();
        assert!((50.0..52.0).contains(&heading), "{heading}");
        assert_eq!(Motion::on(&trip, trip.ends()), Motion::none(to));
    }

    #[test]
    fn a_trip_of_no_length_has_arrived() {
        let trip = Trip::new(at(CENTRE), at(CENTRE), Duration::ZERO);
        assert_eq!((trip.ends(), trip.at(Duration::ZERO)), (Duration::ZERO, at(CENTRE)));
    }

    #[test]
    fn a_trip_over_the_date_line_is_short() {
        let trip = Trip::new(at((0.0, 179.999)), at((0.0, -179.999)), Duration::ZERO);
        assert!(trip.takes < Duration::from_secs(8), "{:?}", trip.takes);
        assert!(trip.at(trip.takes / 2).lng().abs() > 179.999);
    }

    proptest! {
        #[test]
        fn nobody_drives_faster_than_allowed(
            from in (-90.0..=90.0, -180.0..=180.0),
            to in (-90.0..=90.0, -180.0..=180.0),
            share in 0.0..0.999,
        ) {
            let trip = Trip::new(at(from), at(to), Duration::ZERO);
            let (begin, time) = (trip.takes.mul_f64(share), trip.takes.mul_f64(0.001));
            let driven = distance_m(trip.at(begin), trip.at(begin + time));
            // Each of the two places is rounded to 11 cm.
            let allowed = SPEED * time.as_secs_f64() + 0.3;
            prop_assert!(driven <= allowed, "{driven} m instead of {allowed} m");
        }
    }
}
