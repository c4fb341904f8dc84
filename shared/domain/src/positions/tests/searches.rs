//! Searches in random towns, beside a search that looks at every driver.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::positions::cell::size;
use crate::positions::distance::{EARTH_RADIUS_M, distance_m, distance_to_area_m};
use crate::{Cell, DriverId, Location, Nearest, NextStep};

/// The number of drivers that a read returns, and that a search takes.
const READ: usize = 30;
const TAKEN: usize = 20;

/// The diagonal of the largest cell of six digits, in metres.
const CELL_M: f64 = 1_370.0;

/// Returns the point that is reached in a direction, in degrees from north.
/// <https://www.movable-type.co.uk/scripts/latlong.html#dest-point>
fn reached(from: Location, metres: f64, bearing: f64) -> Location {
    let (lat, way, bearing) =
        (from.lat().to_radians(), metres / EARTH_RADIUS_M, bearing.to_radians());
    let sine = lat.sin() * way.cos() + lat.cos() * way.sin() * bearing.cos();
    let apart = (bearing.sin() * way.sin() * lat.cos()).atan2(way.cos() - lat.sin() * sine);
    let lng = from.lng() + apart.to_degrees();
    let lng = (lng + 540.0).rem_euclid(360.0) - 180.0;
    Location::new(sine.clamp(-1.0, 1.0).asin().to_degrees(), lng).unwrap()
}

/// Anywhere, at the poles, on the date line, and on the borders and corners of cells.
fn place() -> impl Strategy<Value = Location> {
    let anywhere = (-90.0..=90.0, -180.0..=180.0);
    let polar = (select(vec![-90.0, -89.999, -89.9, 89.9, 89.99, 90.0]), -180.0..=180.0);
    let date_line = (-70.0..=70.0, select(vec![-180.0, -179.999, 179.99, 180.0]));
    let corner = (1..=6_usize, 0.0..1.0, 0.0..1.0).prop_map(|(digits, row, column)| {
        let (height, width) = size(digits);
        let on_border =
            |part: f64, of: f64, step: f64| (part * of / step).round() * step - of / 2.0;
        (on_border(row, 180.0, height), on_border(column, 360.0, width))
    });
    let place = prop_oneof![anywhere, polar, date_line, corner];
    place.prop_map(|(lat, lng)| Location::new(lat, lng).unwrap())
}

/// The drivers of a town in the order of the index, which is that of its sort key.
type Town = BTreeMap<(Cell, DriverId), Location>;

fn town(centre: Location, radius_m: f64, drivers: &[(f64, f64)]) -> Town {
    let driver = |(nth, (far, bearing)): (usize, &(f64, f64))| {
        let location = reached(centre, radius_m * far, *bearing);
        let id = DriverId::parse(&format!("d{nth}")).unwrap();
        ((Cell::of(location), id), location)
    };
    drivers.iter().enumerate().map(driver).collect()
}

/// Reads at most [`READ`] drivers of a cell.
fn read(town: &Town, cell: &Cell, after: Option<&DriverId>) -> (Vec<(Cell, DriverId)>, bool) {
    let inside = |(of, driver): &&(Cell, DriverId)| {
        of.as_str().starts_with(cell.as_str()) && after.is_none_or(|after| driver > after)
    };
    let found: Vec<_> = town.keys().filter(inside).cloned().collect();
    (found.iter().take(READ).cloned().collect(), found.len() > READ)
}

/// Takes drivers until there are enough; returns them and the number of reads.
fn taken(town: &Town, from: Location, within_m: f64) -> (Vec<DriverId>, usize) {
    let (mut search, mut taken, mut reads) = (Nearest::new(from, within_m), Vec::new(), 0);
    while taken.len() < TAKEN
        && let Some(step) = search.step()
    {
        match step {
            NextStep::Take(driver) => taken.push(driver),
            NextStep::Read { cell, after } => {
                reads += 1;
                let (drivers, is_cut) = read(town, &cell, after.as_ref());
                search.found(&cell, drivers, is_cut);
            }
        }
    }
    (taken, reads)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The drivers come by the distances of their cells, and none is left out, so that the first is
    /// the nearest to within a cell.
    #[test]
    fn the_nearest_drivers_are_found(
        from in place(),
        (off_m, bearing) in (0.0..6_000.0, 0.0..360.0),
        radius_m in select(vec![300.0, 2_000.0, 8_000.0]),
        within_m in select(vec![1_000.0, 3_000.0, 10_000.0]),
        drivers in vec((0.0..1.0, 0.0..360.0), 0..400),
    ) {
        // Around a pole the cells are so narrow that a search among hundreds would end early.
        let most = if from.lat().abs() > 75.0 { 40 } else { drivers.len() };
        let drivers = &drivers[..most.min(drivers.len())];
        let town = town(reached(from, off_m, bearing), radius_m, drivers);
        let (taken, reads) = taken(&town, from, within_m);
        let distances = town.iter().map(|((cell, driver), location)| {
            let of_cell = distance_to_area_m(from, &cell.area());
            (driver, (of_cell, distance_m(from, *location)))
        });
        let distances: BTreeMap<_, _> = distances.collect();
        let mut expected: Vec<_> =
            distances.values().map(|(of_cell, _)| *of_cell).filter(|it| *it <= within_m).collect();
        expected.sort_by(f64::total_cmp);
        expected.truncate(TAKEN);
        let found: Vec<_> = taken.iter().map(|driver| distances[driver].0).collect();
        prop_assert_eq!(found.len(), expected.len(), "{} reads", reads);
        for (found, expected) in found.iter().zip(&expected) {
            prop_assert!((found - expected).abs() < 0.01, "{} is not {}, {} reads", found, expected, reads);
        }
        let nearest = |of: &mut dyn Iterator<Item = f64>| of.min_by(f64::total_cmp);
        let found = nearest(&mut taken.iter().map(|driver| distances[driver].1));
        let expected = nearest(&mut distances.values().map(|it| it.1));
        if let Some(expected) = expected.filter(|it| *it <= within_m) {
            prop_assert!(found.is_some_and(|found| found <= expected + CELL_M), "{:?}", found);
        }
        prop_assert!(reads < Nearest::MOST_READS, "{} reads", reads);
    }
}

/// The same town with a hundred times as many drivers takes no more reads.
#[test]
fn the_number_of_reads_does_not_grow_with_the_number_of_drivers() {
    let centre = Location::new(51.5, -0.1).unwrap();
    let golden = |nth: u32| (f64::from(nth) * 0.618_034).fract();
    let drivers = |count: u32| -> Vec<_> {
        let of = |nth| ((f64::from(nth) / f64::from(count)).sqrt(), 360.0 * golden(nth));
        (0..count).map(of).collect()
    };
    let reads = [100, 1_000, 10_000].map(|count| {
        let town = town(centre, 6_000.0, &drivers(count));
        let (found, reads) = taken(&town, centre, 10_000.0);
        assert_eq!(found.len(), TAKEN);
        reads
    });
    assert!(reads.iter().all(|reads| *reads <= 10), "{reads:?}");
}
