//! Traces of phones, and the tracks that follow from them.

use std::collections::BTreeSet;

use VehicleKind::{Bike, Car, Foot};
use proptest::prelude::*;

use super::{metres_from, now};
use crate::{Fix, Run, TrackPoint, VehicleKind, marker, track};

/// A fix after so many seconds, so many metres east and north of a point on the equator, with this
/// accuracy in metres.
type Sent = (i64, f64, f64, f64);

fn fix_of((seconds, east, north, accuracy): Sent) -> Fix {
    let (at, location) = (now().plus_seconds(seconds), metres_from(east, north));
    Fix { at, location, accuracy_m: Some(accuracy), speed: None, heading: None }
}

fn fixes(trace: &[Sent]) -> Vec<Fix> {
    trace.iter().copied().map(fix_of).collect()
}

/// The places of a track: the seconds of the first and of the last fix.
fn places(track: &[TrackPoint]) -> Vec<(i64, i64)> {
    let seconds = |at: clock::Timestamp| at.epoch_seconds() - now().epoch_seconds();
    track.iter().map(|point| (seconds(point.fix.at), seconds(point.until))).collect()
}

/// A name, the vehicle, the fixes of a phone, and the places that a person sees in them.
type Trace = (&'static str, VehicleKind, &'static [Sent], &'static [(i64, i64)]);

const TRACES: &[Trace] = &[
    (
        "a clean drive",
        Car,
        &[(0, 0.0, 0.0, 5.0), (5, 70.0, 0.0, 5.0), (10, 140.0, 0.0, 5.0), (15, 210.0, 5.0, 5.0)],
        &[(0, 0), (5, 5), (10, 10), (15, 15)],
    ),
    (
        "a tunnel: nothing for two minutes, then coarse, then far on",
        Car,
        &[
            (0, 0.0, 0.0, 5.0),
            (5, 100.0, 0.0, 5.0),
            (120, 2_000.0, 0.0, 900.0),
            (130, 2_600.0, 0.0, 10.0),
            (135, 2_700.0, 0.0, 5.0),
        ],
        &[(0, 0), (5, 5), (130, 130), (135, 135)],
    ),
    (
        "an urban canyon: reflections from houses, which say that they are inexact",
        Bike,
        &[
            (0, 0.0, 0.0, 10.0),
            (5, 20.0, 25.0, 60.0),
            (10, 40.0, -55.0, 60.0),
            (15, 60.0, 60.0, 201.0),
            (20, 80.0, 0.0, 15.0),
        ],
        &[(0, 5), (10, 10), (20, 20)],
    ),
    (
        "a teleport of one fix, as from a Wi-Fi router that was moved",
        Bike,
        &[
            (0, 0.0, 0.0, 5.0),
            (5, 30.0, 0.0, 5.0),
            (10, 9_000.0, 0.0, 20.0),
            (15, 90.0, 0.0, 5.0),
            (20, 120.0, 0.0, 5.0),
        ],
        &[(0, 0), (5, 5), (15, 15), (20, 20)],
    ),
    (
        "a wrong first fix",
        Foot,
        &[(0, 5_000.0, 0.0, 5.0), (5, 0.0, 0.0, 5.0), (10, 12.0, 0.0, 5.0), (15, 24.0, 0.0, 5.0)],
        &[(5, 5), (10, 10), (15, 15)],
    ),
    (
        "two wrong fixes that agree are believed, until two others do",
        Bike,
        &[
            (0, 0.0, 0.0, 5.0),
            (5, 30.0, 0.0, 5.0),
            (10, 8_000.0, 0.0, 5.0),
            (15, 8_030.0, 0.0, 5.0),
            (20, 100.0, 0.0, 5.0),
            (25, 130.0, 0.0, 5.0),
        ],
        &[(0, 0), (5, 5), (10, 10), (15, 15), (20, 20), (25, 25)],
    ),
    (
        "each second fix is wrong, each at another place",
        Bike,
        &[
            (0, 0.0, 0.0, 5.0),
            (5, 3_000.0, 0.0, 5.0),
            (10, 60.0, 0.0, 5.0),
            (15, 0.0, 4_000.0, 5.0),
            (20, 120.0, 0.0, 5.0),
        ],
        &[(0, 0), (10, 10), (20, 20)],
    ),
    (
        "a phone that was off for an hour",
        Car,
        &[(0, 0.0, 0.0, 5.0), (3_600, 40_000.0, 0.0, 5.0), (3_605, 40_080.0, 0.0, 5.0)],
        &[(0, 0), (3_600, 3_600), (3_605, 3_605)],
    ),
    (
        "standing at a door",
        Foot,
        &[
            (0, 0.0, 0.0, 5.0),
            (15, 40.0, 0.0, 5.0),
            (30, 44.0, 5.0, 5.0),
            (45, 36.0, -3.0, 12.0),
            (60, 41.0, 2.0, 5.0),
            (75, 80.0, 0.0, 5.0),
        ],
        &[(0, 0), (15, 60), (75, 75)],
    ),
    (
        "creeping: each step is short, and all together are a way",
        Foot,
        &[(0, 0.0, 0.0, 5.0), (5, 6.0, 0.0, 5.0), (10, 12.0, 0.0, 5.0), (15, 18.0, 0.0, 5.0)],
        &[(0, 5), (10, 15)],
    ),
    (
        "a ferry: a bicycle that is carried at 15 m/s",
        Bike,
        &[(0, 0.0, 0.0, 10.0), (60, 900.0, 0.0, 10.0), (120, 1_800.0, 0.0, 10.0)],
        &[(0, 0), (60, 60), (120, 120)],
    ),
    (
        "a train: faster than a bicycle, so every fix is doubted until two agree",
        Bike,
        &[(0, 0.0, 0.0, 10.0), (60, 3_000.0, 0.0, 10.0), (120, 6_000.0, 0.0, 10.0)],
        &[(0, 0)],
    ),
];

#[test]
fn a_track_is_that_of_a_person_who_looks_at_the_fixes() {
    for (name, vehicle, trace, expected) in TRACES {
        let with_vehicle: Vec<_> = fixes(trace).into_iter().map(|fix| (*vehicle, fix)).collect();
        assert_eq!(places(&track(&with_vehicle)), *expected, "{name}");
    }
}

/// The marker of each upload: the seconds of its time, and its metres east.
#[test]
fn the_marker_is_the_last_place_and_never_moves_back_in_time() {
    let mut shown: Option<Fix> = None;
    let mut run = Run::default();
    for (trace, expected) in [
        (&[(0, 0.0, 0.0, 300.0)][..], None),
        (&[(5, 0.0, 0.0, 5.0)], Some((5, 0.0))),
        (&[(15, 100.0, 0.0, 5.0)], Some((15, 100.0))),
        // Late, and on the way.
        (&[(10, 50.0, 0.0, 5.0)], Some((15, 100.0))),
        // Late, and nobody can have been there.
        (&[(12, 9_000.0, 0.0, 5.0)], Some((15, 100.0))),
        // Late, and the fix that is shown is doubtful now, but it was shown.
        (&[(14, 0.0, 60.0, 5.0)], Some((15, 100.0))),
        // Doubtful, and not shown.
        (&[(20, 9_000.0, 0.0, 5.0)], Some((15, 100.0))),
        (&[(25, 105.0, 0.0, 5.0)], Some((25, 105.0))),
        (&[(30, 150.0, 0.0, 5.0), (35, 200.0, 0.0, 5.0)], Some((35, 200.0))),
    ] {
        (_, run) = run.with(Bike, &fixes(trace), |_| true);
        let next = marker(shown.as_ref(), Bike, &run.fixes);
        let expected =
            expected.map(|(seconds, east)| (now().plus_seconds(seconds), metres_from(east, 0.0)));
        assert_eq!(next.map(|fix| (fix.at, fix.location)), expected, "{trace:?}");
        shown = next;
    }
}

#[test]
fn the_marker_has_the_speed_and_the_heading_of_the_last_fix() {
    let moving = |fix: Fix, speed| Fix { speed: Some(speed), heading: Some(45.0), ..fix };
    let [first, second] = [(0, 0.0, 0.0, 5.0), (5, 3.0, 0.0, 8.0)].map(fix_of);
    let expected = Fix { location: first.location, ..moving(second, 0.5) };
    assert_eq!(marker(None, Foot, &[moving(first, 1.0), moving(second, 0.5)]), Some(expected));
    // A fix that was stored has neither any more.
    assert_eq!(marker(Some(&moving(first, 1.0)), Foot, &[first]), Some(moving(first, 1.0)));
}

/// Another vehicle begins another run, and a track knows what was possible at its time.
#[test]
fn a_fix_is_judged_by_the_vehicle_of_its_time() {
    let trace = fixes(&[(0, 0.0, 0.0, 5.0), (10, 400.0, 0.0, 5.0), (20, 800.0, 0.0, 5.0)]);
    let (complete, by_car) = Run::default().with(Car, &trace, |_| true);
    assert!(complete.is_empty());
    let (complete, on_foot) = by_car.clone().with(Foot, &fixes(&[(30, 805.0, 0.0, 5.0)]), |_| true);
    assert_eq!(complete, [by_car]);
    let merged = Run::merged(complete.into_iter().chain([on_foot]));
    assert_eq!(places(&track(&merged)), [(0, 0), (10, 10), (20, 30)]);
}

#[test]
fn a_run_is_complete_when_it_is_full_or_old() {
    let all = |count: i64, every: i64| {
        let trace: Vec<_> = (0..count).map(|n| (n * every, 0.0, 0.0, 5.0)).collect();
        fixes(&trace)
    };
    let lengths = |fixes: &[Fix], fits: fn(&[Fix]) -> bool| {
        let (complete, rest) = Run::default().with(Bike, fixes, fits);
        (complete.iter().map(|run| run.fixes.len()).collect::<Vec<_>>(), rest.fixes.len())
    };
    assert_eq!(lengths(&all(96, 5), |_| true), (vec![], 96));
    assert_eq!(lengths(&all(97, 5), |_| true), (vec![72], 25));
    assert_eq!(lengths(&all(296, 5), |_| true), (vec![72, 72, 72], 80));
    assert_eq!(lengths(&all(97, 60), |_| true), (vec![72], 25));
    assert_eq!(lengths(&all(60, 5), |fixes| fixes.len() <= 50), (vec![36], 24));
    // Two hours are the most.
    assert_eq!(lengths(&all(25, 5 * 60), |_| true), (vec![], 25));
    assert_eq!(lengths(&all(26, 5 * 60), |_| true), (vec![1], 25));
    assert_eq!(lengths(&all(5, 60 * 60), |_| true), (vec![2], 3));
    assert_eq!(lengths(&all(3, 3 * 60 * 60), |_| true), (vec![1, 1], 1));
}

/// A driver who goes on with now and then a wrong or a coarse fix, or a pause.
fn drive() -> impl Strategy<Value = Vec<Fix>> {
    let step = (1..40_i64, 0.0..600.0, -30.0..30.0, prop_oneof![9 => 3.0..40.0, 1 => 250.0..999.0]);
    let kind = prop_oneof![8 => Just(0.0), 1 => Just(7_000.0), 1 => Just(-90_000.0)];
    proptest::collection::vec((step, kind), 1..150).prop_map(|steps| {
        let (mut seconds, mut east, mut fixes) = (0, 0.0, Vec::new());
        for ((after, by, north, accuracy), wrong_by) in steps {
            seconds += if by > 590.0 { after * 200 } else { after };
            east += by;
            fixes.push(fix_of((seconds, east + wrong_by, north, f64::ceil(accuracy))));
        }
        fixes
    })
}

proptest! {
    /// Any order of any batches, some of them twice, gives the track of the fixes in order, and nothing
    /// is lost. The marker never moves back in time.
    #[test]
    fn a_track_does_not_depend_on_how_its_fixes_came(
        fixes in drive(),
        sizes in proptest::collection::vec(1..40_usize, 150),
        shuffle in any::<prop::sample::Index>(),
        orders in Just(()).prop_perturb(|(), mut rng| rng.next_u64()),
        again in any::<u64>(),
    ) {
        let kept: Vec<_> = fixes.iter().map(|fix| Fix { location: fix.location.to_a_metre(), ..*fix }).collect();
        let mut batches = Vec::new();
        let mut rest = &kept[..];
        for size in sizes {
            let (batch, others) = rest.split_at(size.min(rest.len()));
            batches.push(batch.to_vec());
            rest = others;
        }
        batches.retain(|batch| !batch.is_empty());
        let repeated: Vec<_> = batches.iter().enumerate()
            .filter(|(nth, _)| again >> (nth % 64) & 1 == 1).map(|(_, batch)| batch.clone()).collect();
        batches.extend(repeated);
        // An order from a number, and a rotation of it.
        batches.sort_by_key(|batch| {
            let seconds = batch[0].at.epoch_seconds().unsigned_abs();
            seconds.wrapping_mul(orders | 1).rotate_left(17)
        });
        let start = shuffle.index(batches.len());
        batches.rotate_left(start);

        let (mut run, mut complete, mut shown) = (Run::default(), Vec::new(), None::<Fix>);
        for batch in &batches {
            let known: BTreeSet<_> = run.fixes.iter().map(|fix| fix.at).collect();
            let new: Vec<_> = batch.iter().filter(|fix| !known.contains(&fix.at)).copied().collect();
            let (more, rest) = run.with(Car, &new, |_| true);
            complete.extend(more);
            run = rest;
            let next = marker(shown.as_ref(), Car, &run.fixes);
            prop_assert!(next.map(|fix| fix.at) >= shown.map(|fix| fix.at));
            shown = next;
        }
        for run in &complete {
            let (first, last) = (run.fixes[0].at, run.fixes[run.fixes.len() - 1].at);
            prop_assert!(run.fixes.len() <= 72);
            prop_assert!(last.seconds_since(first) <= 2 * 60 * 60);
        }
        complete.push(run);
        let merged = Run::merged(complete);
        let expected: Vec<_> = kept.iter().map(|fix| (Car, *fix)).collect();
        prop_assert_eq!(&merged, &expected);
        prop_assert_eq!(track(&merged), track(&expected));
    }

    /// After a wrong fix, whatever it says, the next good ones are shown as without it, but for one.
    #[test]
    fn a_wrong_fix_poisons_nothing(
        place in 0..20_usize,
        east in -2_000_000.0..2_000_000.0,
        north in -2_000_000.0..2_000_000.0,
        accuracy in 0.0..99_999.0,
    ) {
        let good: Vec<_> = (0..20).map(|n| fix_of((n * 10, 60.0 * f64::from(u8::try_from(n).unwrap()), 0.0, 5.0))).collect();
        let wrong = fix_of((i64::try_from(place).unwrap() * 10 + 5, east, north, accuracy));
        let with_car = |fixes: &[Fix]| fixes.iter().map(|fix| (Car, *fix)).collect::<Vec<_>>();
        let mut all = good.clone();
        all.insert(place + 1, wrong);
        let (without, with) = (track(&with_car(&good)), track(&with_car(&all)));
        let missing: Vec<_> = without.iter().filter(|point| !with.contains(point)).collect();
        prop_assert!(missing.len() <= 2, "{:?}", missing);
        let after: Vec<_> = with.iter().rev().take(18_usize.saturating_sub(place)).collect();
        prop_assert!(after.iter().all(|point| without.contains(point)));
    }
}
