//! The drivers.

use std::time::Duration;

use clock::{Clock, Timestamp};
use domain::Fix;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tokio::time::{Instant, interval_at};

use super::{EVERY, FIXES, number};
use crate::costs::client::Person;
use crate::crowd::{CrowdError, person};

/// The number of requests of the preparation that are made concurrently.
const AT_ONCE: usize = 16;

/// The metres from a fix to the next one: more than standing, and less than a car's top speed.
const STEP_M: f64 = 15.0;

/// The length of a degree of latitude, in metres.
const DEGREE_M: f64 = 111_195.0;

/// A driver on duty, who drives north.
pub(super) struct Driver {
    pub(super) id: String,
    own: Person,
    lng: f64,
}

/// An upload.
pub(super) struct Sent {
    pub(super) began: Instant,
    pub(super) took: Duration,
    pub(super) accepted: usize,
    /// The time of the last fix, as it is kept.
    pub(super) last: Timestamp,
}

/// Registers so many drivers, who are on duty from now on.
pub(super) async fn all_of(
    ops: &Person,
    nobody: &Person,
    count: u32,
) -> Result<Vec<Driver>, CrowdError> {
    let drivers = (0..count).map(async |number| {
        let id = format!("driver-{number}");
        let record = json!({ "driver": id, "name": "Dan Smith", "vehicle": { "kind": "car" } });
        ops.post("/drivers", &record).await?;
        ops.put(&format!("/drivers/{id}/duty"), &json!({ "on_duty": true })).await?;
        let own = person(nobody, "driver", &id).await?;
        Ok(Driver { id, own, lng: f64::from(number) / 100.0 })
    });
    stream::iter(drivers).buffered(AT_ONCE).try_collect().await
}

/// Returns the number of places in the tracks of all drivers.
pub(super) async fn kept(drivers: &[Driver]) -> Result<usize, CrowdError> {
    let mut kept = 0;
    for driver in drivers {
        let track = driver.own.get(&format!("/drivers/{}/track", driver.id)).await?;
        kept += track["points"].as_array().map(Vec::len).unwrap_or_default();
    }
    Ok(kept)
}

impl Driver {
    /// Sends fixes from `first` on until `end`. The device measures evenly, whenever its uploads go out.
    pub(super) async fn send(&self, first: Instant, end: Instant) -> Result<Vec<Sent>, CrowdError> {
        let (mut ticks, mut sent) = (interval_at(first, EVERY), Vec::new());
        let path = format!("/drivers/{}/positions", self.id);
        ticks.tick().await;
        let start = Clock::system().now();
        for nth in 0.. {
            let began = Instant::now();
            if end <= began {
                break;
            }
            let last = later(start, EVERY * nth);
            let fixes = json!({ "fixes": self.fixes(nth, last) });
            let answer = self.own.post(&path, &fixes).await?;
            let (took, accepted) = (began.elapsed(), number(&answer, "accepted")?);
            sent.push(Sent { began, took, accepted, last: kept_at(last) });
            ticks.tick().await;
        }
        Ok(sent)
    }

    /// Returns the fixes of an upload, whose last one is of this time.
    fn fixes(&self, nth: u32, last: Timestamp) -> Vec<Value> {
        let step = EVERY / FIXES;
        let fixes = (0..FIXES).map(|of_upload| {
            let ago = step * (FIXES - 1 - of_upload);
            let way_m = STEP_M * f64::from(nth * FIXES + of_upload);
            json!({
                "at": earlier(last, ago),
                "lat": 51.5 + way_m / DEGREE_M,
                "lng": self.lng,
                "accuracy": 5,
            })
        });
        fixes.collect()
    }
}

fn later(at: Timestamp, by: Duration) -> Timestamp {
    moved(at, i64::try_from(by.as_millis()).unwrap_or_default())
}

fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    moved(at, -i64::try_from(by.as_millis()).unwrap_or_default())
}

fn moved(at: Timestamp, millis: i64) -> Timestamp {
    Timestamp::from_epoch_millis(at.epoch_millis() + millis).unwrap_or(at)
}

fn kept_at(at: Timestamp) -> Timestamp {
    let millis = at.epoch_millis();
    let kept = Timestamp::from_epoch_millis(millis - millis.rem_euclid(Fix::TICK_MILLIS));
    kept.unwrap_or(at)
}
