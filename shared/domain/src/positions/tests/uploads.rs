use Ignored::{InFuture, Malformed, NotNewer, OffDuty, TooOld};

use super::{fix, now, roster};
use crate::{Advice, Ignored, Verdicts};

const HOUR: i64 = 60 * 60;

/// Ages of fixes in seconds, `None` for one that cannot be read; the age of the known fix; the time
/// on duty; and the verdicts: the reasons by index, and the index of the last fix.
#[test]
fn each_fix_of_an_upload_is_judged_by_itself() {
    let long = Some(48 * HOUR);
    for (ages, known, on_duty_for, ignored, last) in [
        (vec![Some(1)], None, Some(HOUR), vec![], Some(0)),
        (vec![Some(3), Some(1), Some(2)], None, Some(HOUR), vec![], Some(1)),
        (vec![None, Some(1)], None, Some(HOUR), vec![(0, Malformed)], Some(1)),
        (vec![Some(-60), Some(-61)], None, Some(HOUR), vec![(1, InFuture)], Some(0)),
        (vec![Some(24 * HOUR), Some(24 * HOUR + 1)], None, long, vec![(1, TooOld)], Some(0)),
        (vec![Some(HOUR), Some(HOUR + 1)], None, Some(HOUR), vec![(1, OffDuty)], Some(0)),
        (vec![Some(1), None], None, None, vec![(0, OffDuty), (1, Malformed)], None),
        (vec![Some(-61), Some(25 * HOUR)], None, None, vec![(0, InFuture), (1, TooOld)], None),
        (
            vec![Some(9), Some(10), Some(11)],
            Some(10),
            Some(HOUR),
            vec![(1, NotNewer), (2, NotNewer)],
            Some(0),
        ),
        (vec![Some(2 * HOUR)], Some(10), Some(HOUR), vec![(0, OffDuty)], None),
        (vec![Some(5)], Some(2 * HOUR), Some(HOUR), vec![], Some(0)),
    ] {
        let fix_of = |(index, age): (usize, &Option<i64>)| {
            let lat = f64::from(u8::try_from(index).unwrap());
            age.map(|age| fix(age, lat))
        };
        let fixes: Vec<_> = ages.iter().enumerate().map(fix_of).collect();
        let (roster, known) = (roster("d1", on_duty_for, 0), known.map(|age| fix(age, 50.0)));
        let found = Verdicts::of(&fixes, &roster, known.as_ref(), now());
        let accepted = fixes.len() - ignored.len();
        let last = last.and_then(|index| fixes[index]);
        assert_eq!(found, Verdicts { accepted, ignored, last }, "{ages:?}");
    }
}

#[test]
fn of_fixes_of_one_time_the_first_is_the_last() {
    let fixes = [Some(fix(5, 1.0)), Some(fix(5, 2.0))];
    let found = Verdicts::of(&fixes, &roster("d1", Some(HOUR), 0), None, now());
    assert_eq!((found.accepted, found.last), (2, fixes[0]));
}

#[test]
fn a_driver_with_orders_uploads_more_often() {
    for (on_duty_for, orders, fix_every_s, send_every_s) in
        [(None, 0, 0, 0), (None, 1, 0, 0), (Some(1), 0, 60, 120), (Some(1), 1, 15, 60)]
    {
        let expected = Advice { fix_every_s, send_every_s };
        assert_eq!(Advice::to(&roster("d1", on_duty_for, orders)), expected);
    }
}
