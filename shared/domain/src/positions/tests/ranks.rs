use super::{fix, now, roster};
use crate::{Candidate, Fix, Location, ranked};

/// A thousandth of a degree of latitude is 111 m. The drivers are listed as they rank.
#[test]
fn the_nearest_comes_first_and_a_vague_position_last() {
    let coarse = |accuracy_m, lat| Fix { accuracy_m: Some(accuracy_m), ..fix(1, lat) };
    let expected = [
        ("d6", 0, coarse(500.0, 0.001)),
        ("d5", 0, fix(180, 0.002)),
        ("d4", 1, fix(1, 0.001)),
        ("d3", 0, fix(1, 0.006)),
        ("d2", 2, fix(1, 0.002)),
        ("d7", 0, coarse(500.1, 0.0)),
        ("d1", 0, fix(181, 0.003)),
        ("d8", 0, fix(181, 0.003)),
    ];
    let candidate = |(driver, orders, fix): &(&str, u8, Fix)| Candidate {
        roster: roster(driver, Some(600), *orders),
        fix: *fix,
    };
    let mut candidates: Vec<_> = expected.iter().map(candidate).collect();
    candidates.sort_by(|one, other| one.roster.driver.cmp(&other.roster.driver));
    let found = ranked(candidates, Location::new(0.0, 0.0).unwrap(), now());
    let drivers = found.iter().map(|it| it.candidate.roster.driver.to_string());
    assert_eq!(drivers.collect::<Vec<_>>(), expected.map(|(driver, ..)| driver));
    assert!((found[0].distance_m - 111.195).abs() < 0.001, "{}", found[0].distance_m);
}
