//! The binary forms of runs and stops.
//!
//! A run is a byte for the vehicle, and for each fix the time in half seconds, the latitude and the
//! longitude in hundred-thousandths of a degree, each less that of the fix before, and the accuracy in
//! metres, or 0. Numbers are in LEB128 (<https://en.wikipedia.org/wiki/LEB128>), those of degrees in zigzag
//! form (<https://protobuf.dev/programming-guides/encoding/#signed-ints>): most fixes take six bytes.
//!
//! A stop is the 16 bytes of the order's id, a byte that says which locations follow (1 for the pickup, 2
//! for the drop-off), and these, as latitude and longitude in millionths of a degree, four bytes each.

use clock::Timestamp;
use domain::{Fix, Location, OrderId, Run, Stop, VehicleKind};

use crate::DbError;

/// The parts of a [`Location::millionths`] in the unit of a fix.
const UNIT: i32 = 10;

/// The unit of times, in milliseconds.
const TICK_MILLIS: u64 = Fix::TICK_MILLIS.cast_unsigned();

/// The vehicles by their byte.
const VEHICLES: [VehicleKind; 5] = [
    VehicleKind::Foot,
    VehicleKind::Bike,
    VehicleKind::Scooter,
    VehicleKind::Car,
    VehicleKind::Van,
];

const PICKUP: u8 = 1;
const DROPOFF: u8 = 2;

/// Encodes a run. The fixes are in order of time, as [`Fix::kept`] returns them; speeds and headings are left out.
pub(super) fn run_to_bytes(vehicle: VehicleKind, fixes: &[Fix]) -> Vec<u8> {
    let byte = (0..).zip(VEHICLES).find(|(_, kind)| *kind == vehicle).map(|(byte, _)| byte);
    let mut bytes = vec![byte.unwrap_or_default()];
    let (mut ticks, mut place) = (0, [0_i64; 2]);
    for fix in fixes {
        let now = fix.at.epoch_millis().cast_unsigned() / TICK_MILLIS;
        write(&mut bytes, now.saturating_sub(ticks));
        let (lat, lng) = fix.location.millionths();
        let here = [lat, lng].map(|parts| i64::from(parts / UNIT));
        here.into_iter().zip(place).for_each(|(it, before)| write(&mut bytes, zigzag(it - before)));
        write(&mut bytes, fix.accuracy_m.map(metres).unwrap_or_default());
        (ticks, place) = (now, here);
    }
    bytes
}

/// Decodes a run.
pub(super) fn run_of(bytes: &[u8]) -> Result<Run, DbError> {
    let (first, mut rest) = bytes.split_first().ok_or_else(broken)?;
    let vehicle = *VEHICLES.get(usize::from(*first)).ok_or_else(broken)?;
    let (mut fixes, mut ticks, mut place) = (Vec::new(), 0_u64, [0_i64; 2]);
    while !rest.is_empty() {
        ticks = ticks.checked_add(read(&mut rest)?).ok_or_else(broken)?;
        for number in &mut place {
            *number = number.checked_add(of_zigzag(read(&mut rest)?)).ok_or_else(broken)?;
        }
        let accuracy = read(&mut rest)?;
        let millis = ticks.checked_mul(TICK_MILLIS).and_then(|millis| millis.try_into().ok());
        let at = millis.and_then(Timestamp::from_epoch_millis).ok_or_else(broken)?;
        let [lat, lng] = place;
        let part = |units: i64| i32::try_from(units).ok()?.checked_mul(UNIT);
        let location = part(lat).zip(part(lng)).and_then(Location::of_millionths);
        let location = location.ok_or_else(broken)?;
        let accuracy = u32::try_from(accuracy).map_err(DbError::corrupt)?;
        let accuracy_m = (accuracy > 0).then(|| f64::from(accuracy));
        fixes.push(Fix { at, location, accuracy_m, speed: None, heading: None });
    }
    Ok(Run { vehicle, fixes })
}

/// Encodes stops.
pub(super) fn stops_to_bytes(stops: &[Stop]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for Stop { order, pickup, dropoff } in stops {
        bytes.extend_from_slice(order.as_bytes());
        let has = |location: &Option<_>, bit| if location.is_some() { bit } else { 0 };
        bytes.push(has(pickup, PICKUP) | has(dropoff, DROPOFF));
        for location in [pickup, dropoff].into_iter().flatten() {
            let (lat, lng) = location.millionths();
            bytes.extend_from_slice(&lat.to_be_bytes());
            bytes.extend_from_slice(&lng.to_be_bytes());
        }
    }
    bytes
}

/// Decodes stops.
pub(super) fn stops_of(mut bytes: &[u8]) -> Result<Vec<Stop>, DbError> {
    let mut stops = Vec::new();
    while !bytes.is_empty() {
        let order = OrderId::from_bytes(take(&mut bytes)?);
        let [which] = take(&mut bytes)?;
        let mut location = |bit| {
            if which & bit == 0 {
                return Ok(None);
            }
            let (lat, lng) = (take(&mut bytes)?, take(&mut bytes)?);
            let location =
                Location::of_millionths((i32::from_be_bytes(lat), i32::from_be_bytes(lng)));
            location.map(Some).ok_or_else(broken)
        };
        stops.push(Stop { order, pickup: location(PICKUP)?, dropoff: location(DROPOFF)? });
    }
    Ok(stops)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], DbError> {
    let (taken, rest) = bytes.split_first_chunk::<N>().ok_or_else(broken)?;
    *bytes = rest;
    Ok(*taken)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 100,000")]
const fn metres(accuracy_m: f64) -> u64 {
    accuracy_m as u64
}

#[expect(clippy::cast_sign_loss, reason = "the sign is in the lowest bit")]
const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

const fn of_zigzag(number: u64) -> i64 {
    (number >> 1).cast_signed() ^ -((number & 1).cast_signed())
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

fn read(bytes: &mut &[u8]) -> Result<u64, DbError> {
    let (mut number, mut shift) = (0_u64, 0);
    loop {
        let [byte] = take(bytes)?;
        // More than nine groups of seven bits are no number that `write` writes.
        if shift > 56 {
            return Err(broken());
        }
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
        shift += 7;
    }
}

fn broken() -> DbError {
    DbError::corrupt("a run or stops cannot be read")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fix(seconds: i64, lat: f64, lng: f64, accuracy_m: Option<f64>) -> Fix {
        let at = Timestamp::from_epoch_seconds(seconds).unwrap();
        Fix {
            at,
            location: Location::new(lat, lng).unwrap(),
            accuracy_m,
            speed: None,
            heading: None,
        }
    }

    /// The bytes of a stored run never change their meaning.
    #[test]
    fn a_run_is_stored_as_it_ever_was() {
        let at = 1_763_719_800;
        let fixes =
            [fix(at, 51.507_35, -0.127_76, Some(5.0)), fix(at + 5, 51.507_36, -0.127_86, None)];
        let bytes = run_to_bytes(VehicleKind::Bike, &fixes);
        let first = [240, 233, 129, 146, 13, 158, 224, 244, 4, 207, 199, 1, 5];
        let expected: Vec<u8> = [1].into_iter().chain(first).chain([10, 2, 19, 0]).collect();
        assert_eq!(bytes, expected);
        assert_eq!(
            run_of(&bytes).unwrap(),
            Run { vehicle: VehicleKind::Bike, fixes: fixes.into() }
        );
    }

    #[test]
    fn most_fixes_take_six_bytes() {
        // Two cars: at 15 m/s with a fix each five seconds, and at 10 m/s with one each 15.
        for (every, step) in [(5, 0.000_67), (15, 0.001_35)] {
            let drive = (0..96_i32).map(|n| {
                let way = f64::from(n) * step;
                fix(i64::from(n) * every + 1_763_719_800, 51.5 + way, -0.12 - way, Some(8.0))
            });
            let fixes: Vec<_> = drive.map(Fix::kept).collect();
            let bytes = run_to_bytes(VehicleKind::Car, &fixes).len();
            assert!(bytes <= 96 * 6 + 10, "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn a_run_reads_back_as_it_was(
            fixes in proptest::collection::vec(
                (0..4_000_000_000_i64, -90.0..=90.0, -180.0..=180.0, proptest::option::of(1..100_000_u32)),
                0..40,
            ),
            vehicle in 0..5_usize,
        ) {
            let fix_of = |(seconds, lat, lng, accuracy): (i64, f64, f64, Option<u32>)| {
                fix(seconds, lat, lng, accuracy.map(f64::from)).kept()
            };
            let mut fixes: Vec<_> = fixes.into_iter().map(fix_of).collect();
            fixes.sort_by_key(|fix| fix.at);
            let vehicle = VEHICLES[vehicle];
            let bytes = run_to_bytes(vehicle, &fixes);
            prop_assert_eq!(run_of(&bytes).unwrap(), Run { vehicle, fixes });
        }

        #[test]
        fn stops_read_back_as_they_were(
            stops in proptest::collection::vec(
                (any::<[u8; 16]>(), any::<bool>(), any::<bool>(), -90.0..=90.0, -180.0..=180.0),
                0..8,
            ),
        ) {
            let stop = |(id, pickup, dropoff, lat, lng): ([u8; 16], bool, bool, f64, f64)| {
                let (here, there) = (Location::new(lat, lng).ok(), Location::new(-lat, -lng).ok());
                let order = OrderId::from_bytes(id);
                Stop { order, pickup: here.filter(|_| pickup), dropoff: there.filter(|_| dropoff) }
            };
            let stops: Vec<_> = stops.into_iter().map(stop).collect();
            prop_assert_eq!(stops_of(&stops_to_bytes(&stops)).unwrap(), stops);
        }

        /// Bytes that are no run or stops are an error, and no panic.
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = (run_of(&bytes), stops_of(&bytes));
        }
    }
}
