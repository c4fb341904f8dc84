//! The erasure of the door of a customer from the tracks that lead to it.

use clock::Timestamp;
use domain::{
    DriverId, Fix, Location, Order, OrderId, Run, Trip, Version, distance_m, track, trips,
};

use super::LastPosition;
use super::tracks::{StoredRun, expiry};
use crate::retry::Tries;
use crate::{Consistency, Db, DbError, keys};

/// The distance from a door within which fixes are erased, in metres.
const NEAR_M: f64 = 200.0;

/// The time after the end of a trip in which the driver is still near the door, in seconds.
const AFTER_S: i64 = 15 * 60;

/// The part of a driver's track that is erased.
#[derive(Clone, Copy)]
struct Zone {
    order: OrderId,
    door: Location,
    from: Timestamp,
    to: Timestamp,
}

impl Zone {
    fn has(&self, fix: &Fix) -> bool {
        (self.from..=self.to).contains(&fix.at) && distance_m(self.door, fix.location) <= NEAR_M
    }

    /// Returns the run without the fixes of the zone; `None` if it has none.
    fn without(&self, run: &Run) -> Option<Run> {
        let mut rest = run.clone();
        rest.fixes.retain(|fix| !self.has(fix));
        (rest != *run).then_some(rest)
    }
}

impl Db {
    /// Erases the fixes near the door of a closed order from the tracks of those who carried it, and the
    /// order's locations from their last positions. The door is the drop-off; that of an order without a
    /// location is where the driver was at the end of the trip.
    pub async fn erase_way(&self, order: &Order) -> Result<(), DbError> {
        let (id, workflow) = (order.id, order.placed.workflow);
        let known = self.dropoff(id).await?;
        let events = self.history(id, workflow, Version(0), order.version).await?;
        for Trip { driver, from, to } in trips(id, &events).map_err(DbError::corrupt)? {
            let Some(end) = to else { continue };
            let door = match known {
                Some(door) => Some(door),
                None => self.place_at(&driver, (from, end)).await?,
            };
            let to = end.plus_seconds(AFTER_S);
            if let Some(door) = door {
                self.erase(&driver, Zone { order: id, door, from, to }).await?;
            }
        }
        Ok(())
    }

    /// Returns the last place of a driver in a period.
    async fn place_at(
        &self,
        driver: &DriverId,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Option<Location>, DbError> {
        let places = track(&self.fixes(driver, from, to).await?);
        Ok(places.last().filter(|place| place.until >= from).map(|place| place.fix.location))
    }

    /// Erases a zone from the last position first, so that an upload that has read it before is not
    /// kept, and then from the complete runs.
    async fn erase(&self, driver: &DriverId, zone: Zone) -> Result<(), DbError> {
        self.erase_from_last(driver, zone).await?;
        for StoredRun { key, run, expires_at } in self.runs(driver, zone.from, zone.to).await? {
            let Some(rest) = zone.without(&run) else { continue };
            self.put_run(driver, &rest, expires_at).await?;
            self.delete_run(key).await?;
        }
        Ok(())
    }

    async fn erase_from_last(&self, driver: &DriverId, zone: Zone) -> Result<(), DbError> {
        let (table, key) = (&self.tables.positions, keys::last_position(driver));
        let mut tries = Tries::new();
        while tries.begin() {
            let item = self.get(table, key.clone(), Consistency::Strong, &[]).await?;
            let Some(item) = item else { return Ok(()) };
            let expires_at = expiry(&item)?;
            let last = LastPosition::of(item)?;
            let mut after = last.clone();
            after.run = zone.without(&last.run).unwrap_or(after.run);
            after.fix = last.fix.filter(|fix| !zone.has(fix));
            after.stops.retain(|stop| stop.order != zone.order);
            if after == last || self.replace_last(driver, &last, &after, expires_at).await? {
                return Ok(());
            }
            tries.pause().await;
        }
        Err(DbError::Conflict)
    }
}
