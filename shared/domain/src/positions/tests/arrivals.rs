//! Arrivals, ways and estimates.

use proptest::prelude::*;

use super::{fix, now};
use crate::{
    Eta, Fix, Location, OrderId, Stop, VehicleKind, Way, arrival, distance_m, may_be_news, way_to,
};

/// A fix so many metres north of the stop, so many seconds ago.
fn off(seconds_ago: i64, metres: f64, accuracy_m: Option<f64>) -> Fix {
    Fix { accuracy_m, ..fix(seconds_ago, metres / 111_195.0) }
}

fn stop() -> Location {
    Location::new(0.0, 0.0).unwrap()
}

/// The fixes, by age, distance and accuracy, and the age of the one with which the driver arrives.
#[test]
fn a_driver_arrives_with_two_fixes_in_a_row() {
    let exact = Some(10.0);
    for (name, fixes, expected) in [
        ("nothing", vec![], None),
        ("one fix", vec![(5, 0.0, exact)], None),
        ("two", vec![(9, 10.0, exact), (5, 20.0, exact)], Some(5)),
        ("three: the second", vec![(9, 0.0, exact), (5, 0.0, exact), (1, 0.0, exact)], Some(5)),
        ("at the edge", vec![(9, 79.9, exact), (5, 79.9, exact)], Some(5)),
        ("beyond it", vec![(9, 80.5, exact), (5, 80.5, exact)], None),
        ("of unknown accuracy", vec![(9, 0.0, None), (5, 0.0, None)], Some(5)),
        ("as exact as must be", vec![(9, 0.0, Some(80.0)), (5, 0.0, Some(80.0))], Some(5)),
        ("coarse", vec![(9, 0.0, Some(81.0)), (5, 0.0, Some(81.0))], None),
        ("one passes by", vec![(9, 300.0, exact), (5, 0.0, exact), (1, 300.0, exact)], None),
        (
            "two pass by, not in a row",
            vec![(9, 0.0, exact), (5, 300.0, exact), (1, 0.0, exact)],
            None,
        ),
        (
            "a coarse one between tells nothing",
            vec![(9, 0.0, exact), (5, 900.0, Some(1000.0)), (1, 0.0, exact)],
            Some(1),
        ),
        ("a fix twice", vec![(5, 0.0, exact), (5, 0.0, exact)], None),
        ("after ten seconds", vec![(300, 0.0, exact), (1, 70.0, exact)], Some(1)),
    ] {
        let fixes: Vec<_> = fixes.into_iter().map(|(ago, m, acc)| off(ago, m, acc)).collect();
        let expected = expected.map(|ago: i64| now().plus_seconds(-ago));
        assert_eq!(arrival(&fixes, stop()).map(|fix| fix.at), expected, "{name}");
    }
}

fn order(n: u8) -> OrderId {
    OrderId::derived([n; 16])
}

/// A place so many kilometres north of the driver.
fn north(km: f64) -> Option<Location> {
    Location::new(km * 1000.0 / 111_195.0, 0.0).ok()
}

/// The stops of orders 1, 2 …, and the way to the last stop of order 1, in kilometres.
#[test]
fn the_way_to_an_order_goes_by_the_nearest_stops() {
    for (name, stops, expected) in [
        ("no order", vec![], None),
        ("of unknown places", vec![(None, None)], None),
        ("to the pickup alone", vec![(north(1.0), None)], None),
        ("on the way", vec![(None, north(3.0))], Some((3.0, 0))),
        ("to the pickup and back", vec![(north(1.0), north(-2.0))], Some((4.0, 1))),
        ("another one before", vec![(None, north(3.0)), (None, north(1.0))], Some((3.0, 1))),
        ("another one after", vec![(None, north(3.0)), (None, north(9.0))], Some((3.0, 0))),
        (
            "another one to the other side",
            vec![(None, north(3.0)), (None, north(-1.0))],
            Some((5.0, 1)),
        ),
        (
            "its pickup, both stops of another one, its drop-off",
            vec![(north(1.0), north(5.0)), (north(2.0), north(3.0))],
            Some((5.0, 3)),
        ),
        (
            "another one without known places",
            vec![(None, north(3.0)), (None, None)],
            Some((3.0, 0)),
        ),
        (
            "another one without a known end",
            vec![(None, north(3.0)), (north(1.0), None)],
            Some((3.0, 1)),
        ),
    ] {
        let stops = (1..).zip(stops);
        let stops: Vec<_> =
            stops.map(|(n, (pickup, dropoff))| Stop { order: order(n), pickup, dropoff }).collect();
        let way = way_to(order(1), stop(), &stops);
        let found = way.map(|way| ((way.distance_m / 100.0).round() / 10.0, way.stops_before));
        assert_eq!(found, expected, "{name}");
    }
}

/// The metres and stops of a way, the vehicle, the age of the fix, and the seconds from now.
#[test]
fn an_estimate_follows_from_the_way_and_the_vehicle() {
    for (metres, stops_before, vehicle, age, expected) in [
        (0.0, 0, VehicleKind::Bike, 0, 0),
        (1000.0, 0, VehicleKind::Bike, 0, 322),
        (1000.0, 0, VehicleKind::Foot, 0, 965),
        (1000.0, 0, VehicleKind::Scooter, 0, 222),
        (1000.0, 0, VehicleKind::Car, 0, 196),
        (1000.0, 0, VehicleKind::Van, 0, 222),
        (1000.0, 2, VehicleKind::Bike, 0, 562),
        (1000.0, 0, VehicleKind::Bike, 100, 222),
        (1000.0, 0, VehicleKind::Bike, 1000, 0),
        (0.0, 1, VehicleKind::Bike, 0, 120),
    ] {
        let way = Way { distance_m: metres, stops_before };
        let eta = Eta::of(&fix(age, 0.0), way, vehicle, now());
        let seconds = eta.arrives_at.epoch_seconds() - now().epoch_seconds();
        assert_eq!(seconds, expected, "{metres} {stops_before} {vehicle:?} {age}");
        assert!((f64::from(eta.basis.distance_m) - metres).abs() < 0.5);
        let basis = serde_json::to_value(eta.basis).unwrap();
        assert!((basis["detour"].as_f64().unwrap() - 1.35).abs() < f64::EPSILON, "{basis}");
    }
}

/// Where the driver was and is, as the age of a fix and the metres north of a place; a fix
/// that came late; the stops north of it; and whether it may be news. A bicycle takes 60 seconds for
/// 187 m.
#[test]
fn positions_are_news_near_stops_after_silences_and_off_the_expected_way() {
    let at = |metres: f64| Location::new(metres / 111_195.0, 0.0).ok();
    let far = |metres| (None, at(metres));
    let (was, on) = ((60, 0.0), (0, 187.0));
    for (name, before, after, new, stops, expected) in [
        ("as expected", was, on, None, vec![far(10_187.0)], false),
        ("stands", was, (0, 0.0), None, vec![far(10_000.0)], true),
        ("comes to the other one", was, on, None, vec![far(-9_000.0), far(10_187.0)], false),
        ("comes to a pickup", was, on, None, vec![(at(10_187.0), at(-9_000.0))], false),
        ("comes near", (60, 0.0), (0, 187.0), None, vec![far(480.0)], true),
        ("goes away", (60, 0.0), (0, 187.0), None, vec![far(-290.0), far(10_187.0)], true),
        ("was near once", was, on, Some((30, 9_900.0)), vec![far(10_187.0)], true),
        ("was silent", (91, -97.0), on, None, vec![far(10_187.0)], true),
        ("was not", (90, -93.0), on, None, vec![far(10_187.0)], false),
        ("begins to approach", was, on, None, vec![far(1_120.0)], true),
        ("without stops", was, (0, 0.0), None, vec![], false),
        ("without places", was, on, None, vec![(None, None)], false),
    ] {
        let [before, after] = [before, after].map(|(ago, metres)| off(ago, metres, None));
        let new: Vec<_> = new.into_iter().map(|(ago, metres)| off(ago, metres, None)).collect();
        let stops = (1..).zip(stops);
        let stops: Vec<_> =
            stops.map(|(n, (pickup, dropoff))| Stop { order: order(n), pickup, dropoff }).collect();
        let found = may_be_news(&before, &after, &new, &stops, VehicleKind::Bike);
        assert_eq!(found, expected, "{name}");
    }
}

fn locations() -> impl Strategy<Value = Location> {
    (-20_000..20_000_i32, -20_000..20_000_i32)
        .prop_map(|(lat, lng)| Location::new(f64::from(lat) / 1e5, f64::from(lng) / 1e5).unwrap())
}

fn stops() -> impl Strategy<Value = Vec<Stop>> {
    let places = (proptest::option::of(locations()), proptest::option::of(locations()));
    proptest::collection::vec(places, 1..9).prop_map(|places| {
        let stop = |(n, (pickup, dropoff))| Stop { order: order(n), pickup, dropoff };
        (1..).zip(places).map(stop).collect()
    })
}

proptest! {
    /// Fixes that are left out take no arrival back, and make none earlier, as long as those that
    /// made it remain.
    #[test]
    fn an_arrival_is_two_fixes_at_the_stop(
        fixes in proptest::collection::vec((0..200_i64, 0.0..200.0, 1.0..160.0), 0..12)
    ) {
        let mut fixes: Vec<_> =
            fixes.into_iter().map(|(ago, metres, exact)| off(ago, metres, Some(exact))).collect();
        fixes.sort_by_key(|fix| fix.at);
        let found = arrival(&fixes, stop());
        let exact: Vec<_> = fixes.iter().filter(|fix| fix.accuracy_m <= Some(80.0)).collect();
        let is_there = |fix: &Fix| distance_m(fix.location, stop()) <= 80.0;
        let mut times: Vec<&Fix> = vec![];
        for fix in exact {
            if times.last().is_none_or(|last| last.at != fix.at) {
                times.push(fix);
            }
        }
        let pair = times.windows(2).find(|pair| pair.iter().all(|fix| is_there(fix)));
        prop_assert_eq!(found, pair.map(|pair| *pair[1]));
        // To tell everything twice changes nothing.
        let twice: Vec<_> = fixes.iter().flat_map(|fix| [*fix, *fix]).collect();
        prop_assert_eq!(arrival(&twice, stop()), found);
    }

    /// A way is at least the straight line, and depends neither on the order of the stops nor on
    /// orders without places.
    #[test]
    fn a_way_passes_every_stop_before(stops in stops()) {
        let way = way_to(order(1), stop(), &stops);
        let reversed: Vec<_> = stops.iter().rev().copied().collect();
        prop_assert_eq!(way_to(order(1), stop(), &reversed), way);
        prop_assert_eq!(way.is_some(), stops[0].dropoff.is_some());
        if let (Some(way), Some(end)) = (way, stops[0].dropoff) {
            let least = match stops[0].pickup {
                Some(pickup) => distance_m(stop(), pickup) + distance_m(pickup, end),
                None => distance_m(stop(), end),
            };
            prop_assert!(way.distance_m >= least - 0.01);
            let eta = Eta::of(&fix(0, 0.0), way, VehicleKind::Bike, now());
            prop_assert!(now() <= eta.arrives_at);
            let alone = way_to(order(1), stop(), &stops[..1]).unwrap();
            prop_assert!(alone.distance_m <= way.distance_m + 0.01);
        }
    }
}
