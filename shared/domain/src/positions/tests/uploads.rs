use Ignored::{InFuture, Known, Malformed, OffDuty, TooOld};

use super::{fix, now, roster};
use crate::{Advice, Duty, Fix, Ignored, Location, Roster, Verdicts, Watch};

const HOUR: i64 = 60 * 60;

/// Ages of fixes in seconds, `None` for one that cannot be read; the age of the known fix; the time
/// on duty; and the verdicts: the reasons by index.
#[test]
fn each_fix_of_an_upload_is_judged_by_itself() {
    let long = Some(48 * HOUR);
    for (ages, known, on_duty_for, ignored) in [
        (vec![Some(1)], None, Some(HOUR), vec![]),
        (vec![Some(3), Some(1), Some(2)], None, Some(HOUR), vec![]),
        (vec![None, Some(1)], None, Some(HOUR), vec![(0, Malformed)]),
        (vec![Some(-60), Some(-61)], None, Some(HOUR), vec![(1, InFuture)]),
        (vec![Some(24 * HOUR), Some(24 * HOUR + 1)], None, long, vec![(1, TooOld)]),
        (vec![Some(HOUR), Some(HOUR + 1)], None, Some(HOUR), vec![(1, OffDuty)]),
        (vec![Some(1), None], None, None, vec![(0, OffDuty), (1, Malformed)]),
        (vec![Some(-61), Some(25 * HOUR)], None, None, vec![(0, InFuture), (1, TooOld)]),
        (vec![Some(9), Some(10), Some(11)], Some(10), Some(HOUR), vec![(1, Known)]),
        (vec![Some(5), Some(6), Some(5)], None, Some(HOUR), vec![(2, Known)]),
        (vec![Some(2 * HOUR)], Some(10), Some(HOUR), vec![(0, OffDuty)]),
        (vec![Some(5)], Some(2 * HOUR), Some(HOUR), vec![]),
    ] {
        let fix_of = |(index, age): (usize, &Option<i64>)| {
            let lat = f64::from(u8::try_from(index).unwrap());
            age.map(|age| fix(age, lat))
        };
        let fixes: Vec<_> = ages.iter().enumerate().map(fix_of).collect();
        let roster = roster("d1", on_duty_for, 0);
        let known: Vec<_> = known.into_iter().map(|age| fix(age, 50.0)).collect();
        let found = Verdicts::of(&fixes, &roster, &known, now());
        let is_accepted = |(index, _): &(usize, _)| ignored.iter().all(|(at, _)| at != index);
        let accepted = fixes.iter().copied().enumerate().filter(is_accepted);
        let accepted = accepted.filter_map(|(_, fix)| fix).collect();
        assert_eq!(found, Verdicts { accepted, ignored }, "{ages:?}");
    }
}

#[test]
fn a_fix_is_of_the_duty_that_lasts_or_of_the_one_before() {
    let ended = Duty { since: now().plus_seconds(-200), until: now().plus_seconds(-100) };
    for on_duty_for in [None, Some(50)] {
        let roster = Roster { last_duty: Some(ended), ..roster("d1", on_duty_for, 0) };
        for (age, is_accepted) in [
            (201, false),
            (200, true),
            (101, true),
            (100, false),
            (51, false),
            (50, on_duty_for.is_some()),
        ] {
            let found = Verdicts::of(&[Some(fix(age, 1.0))], &roster, &[], now());
            assert_eq!(found.accepted.len(), usize::from(is_accepted), "{on_duty_for:?} {age}");
        }
    }
}

/// Two fixes of one half second are one, also if one of them is known.
#[test]
fn a_fix_is_kept_by_the_half_second_and_the_metre() {
    let at = |millis: i64| clock::Timestamp::from_epoch_millis(now().epoch_millis() - millis);
    let fix = |ago: i64, lat: f64, lng: f64, accuracy: f64| Fix {
        at: at(ago).unwrap(),
        location: Location::new(lat, lng).unwrap(),
        accuracy_m: Some(accuracy),
        speed: Some(1.5),
        heading: Some(90.0),
    };
    let sent = [100, 499, 501, 500, 900].map(|ago| Some(fix(ago, 51.507_351, -0.127_758, 4.2)));
    let found = Verdicts::of(&sent, &roster("d1", Some(HOUR), 0), &[], now());
    let accepted = [500, 1_000].map(|ago| fix(ago, 51.507_35, -0.127_76, 5.0)).to_vec();
    let ignored = vec![(1, Known), (3, Known), (4, Known)];
    assert_eq!(found, Verdicts { accepted, ignored });
    let again = Verdicts::of(&sent[..1], &roster("d1", Some(HOUR), 0), &found.accepted, now());
    assert_eq!(again, Verdicts { accepted: vec![], ignored: vec![(0, Known)] });
}

#[test]
fn a_driver_uploads_more_often_with_orders_and_most_often_while_watched() {
    for (on_duty_for, orders, watch, fix_every_s, send_every_s) in [
        (None, 0, Watch::Nobody, 0, 0),
        (None, 1, Watch::Order, 0, 0),
        (Some(1), 0, Watch::Nobody, 60, 120),
        (Some(1), 1, Watch::Nobody, 15, 60),
        (Some(1), 0, Watch::Fleet, 15, 15),
        (Some(1), 1, Watch::Fleet, 15, 15),
        (Some(1), 1, Watch::Order, 5, 5),
    ] {
        let expected = Advice { fix_every_s, send_every_s };
        assert_eq!(Advice::to(&roster("d1", on_duty_for, orders), watch), expected);
    }
}

#[test]
fn a_watch_lasts_until_its_end() {
    let (past, later) = (Some(now()), Some(now().plus_seconds(1)));
    for (orders, watched, fleet, expected) in [
        (1, None, None, Watch::Nobody),
        (1, past, past, Watch::Nobody),
        (1, past, later, Watch::Fleet),
        (1, later, later, Watch::Order),
        (1, later, None, Watch::Order),
        (0, later, None, Watch::Nobody),
        (0, later, later, Watch::Fleet),
    ] {
        let roster = roster("d1", Some(1), orders);
        assert_eq!(Watch::of(&roster, watched, fleet, now()), expected);
    }
}

/// A device sends its first position at once when the duty begins, and the next one two minutes later.
#[test]
fn a_fix_of_the_first_half_second_is_of_the_duty() {
    let at = |millis: i64| clock::Timestamp::from_epoch_millis(now().epoch_millis() + millis);
    let mut roster = roster("d1", Some(0), 0);
    roster.on_duty_since = at(300);
    for (millis, is_accepted) in [(299, false), (300, true), (450, true), (500, true)] {
        let sent = Fix { at: at(millis).unwrap(), ..fix(0, 1.0) };
        let found = Verdicts::of(&[Some(sent)], &roster, &[], at(600).unwrap());
        let is_of_duty = found.accepted.first().is_some_and(|kept| kept.is_of_duty(&roster));
        assert_eq!(is_of_duty, is_accepted, "{millis}");
    }
}
