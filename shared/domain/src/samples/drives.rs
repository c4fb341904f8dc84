//! News of the driver of the sample order, who drives along a meridian.

use clock::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use super::{ORDER_ID, driver_id};
use crate::{Advice, Fix, Location, News, Order, Outage, Sighting, Silence, Stop, VehicleKind};

/// Returns the place so many metres north of the sample order's pickup.
pub fn north(metres: f64) -> Location {
    Location::new(metres / 111_195.0, 0.0).unwrap()
}

/// The distance of the sample order's drop-off from its pickup, in metres.
pub const DROPOFF_M: f64 = 3_000.0;

/// Returns a fix so many metres north of the pickup.
pub fn fix(at: Timestamp, metres: f64) -> Fix {
    let location = north(metres);
    Fix { at, location, accuracy_m: Some(10.0), speed: None, heading: None }
}

/// Returns the stops of the sample order.
pub fn places() -> Stop {
    Stop { order: ORDER_ID, pickup: Some(north(0.0)), dropoff: Some(north(DROPOFF_M)) }
}

/// Returns the news that a driver, by bicycle, has sent these fixes.
pub fn seen(driver: &str, fixes: Vec<Fix>) -> Sighting {
    let last = *fixes.iter().max_by_key(|fix| fix.at).unwrap();
    let (driver, stops) = (driver_id(driver), vec![places()]);
    Sighting { driver, vehicle: VehicleKind::Bike, fixes, last, stops }
}

/// Returns the news that a driver with orders has sent nothing since then.
pub fn silent(driver: &str, since: Timestamp) -> Silence {
    let advised = Advice { fix_every_s: 15, send_every_s: 60 };
    Silence { driver: driver_id(driver), since, advised, reason: Some(Outage::NoSignal) }
}

/// News of a driver.
#[derive(Clone, Debug)]
pub struct Drive {
    driver: &'static str,
    /// The distance north of the pickup, in metres; `None` of a device that is silent.
    metres: Option<f64>,
    /// The ages of the fixes, in seconds.
    ages: Vec<i64>,
}

/// Returns the news at this time. A device that was said to be silent sends again.
pub fn news_of(drive: &Drive, order: &Order, now: Timestamp) -> News {
    let Drive { driver, metres, ages } = drive;
    let metres = metres.or(order.told.silent_since.map(|_| 1_000.0));
    let mut times: Vec<_> = ages.iter().map(|age| now.plus_seconds(-age)).collect();
    times.sort_unstable();
    match metres {
        Some(metres) => {
            let fixes = times.into_iter().map(|at| fix(at, metres)).collect();
            News::Positions(seen(driver, fixes))
        }
        None => News::Silence(silent(driver, now.plus_seconds(-200))),
    }
}

pub fn drives() -> impl Strategy<Value = Drive> {
    let drivers = prop_oneof![4 => Just("d1"), 1 => Just("d2")];
    let places = select(vec![0.0, 1_000.0, DROPOFF_M - 300.0, DROPOFF_M]);
    let metres = prop_oneof![3 => places.prop_map(Some), 1 => Just(None)];
    let ages = proptest::collection::vec(select(vec![0, 5, 15, 100, 300]), 1..4);
    (drivers, metres, ages).prop_map(|(driver, metres, ages)| Drive { driver, metres, ages })
}
