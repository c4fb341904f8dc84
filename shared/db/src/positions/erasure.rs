//! The erasure of the door of a customer from the tracks that lead to it.

use std::collections::BTreeSet;

use clock::Timestamp;
use domain::{
    DriverId, EventData, Fix, Location, Order, OrderId, Run, Stamp, Trip, Version, distance_m,
    track, trips,
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
    /// order's locations from the last positions of all who had it. The door is the drop-off; that of an
    /// order without a location is where the driver was at the delivery, or when it failed last.
    pub async fn erase_way(&self, order: &Order) -> Result<(), DbError> {
        let (id, workflow) = (order.id, order.placed.workflow);
        let known = self.dropoff(id).await?;
        let events = self.history(id, workflow, Version(0), order.version).await?;
        for Trip { driver, from, to } in trips(id, &events).map_err(DbError::corrupt)? {
            let Some(end) = to else { continue };
            let attempts = [Stamp::Delivered, Stamp::DeliveryFailed].into_iter();
            let attempts = attempts.filter_map(|stamp| order.stamps.get(&stamp).copied());
            let attempt = attempts.filter(|at| (from..=end).contains(at)).max();
            let door = match (known, attempt) {
                (Some(door), _) => Some(door),
                (None, Some(at)) => self.place_at(&driver, (from, at)).await?,
                (None, None) => None,
            };
            let to = end.plus_seconds(AFTER_S);
            if let Some(door) = door {
                self.erase(&driver, Zone { door, from, to }).await?;
            }
        }
        let drivers: BTreeSet<_> = events
            .into_iter()
            .filter_map(|event| match event.data {
                EventData::DriverAssigned { driver, .. } => Some(driver),
                _ => None,
            })
            .collect();
        for driver in drivers {
            self.forget_stop(&driver, id).await?;
        }
        Ok(())
    }

    /// Removes an order's locations from a driver's last position. If the driver has the order, the next
    /// upload reads them anew.
    pub async fn forget_stop(&self, driver: &DriverId, order: OrderId) -> Result<(), DbError> {
        self.alter_last(driver, |last| last.stops.retain(|stop| stop.order != order)).await
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

    /// Erases a zone from the last position first, so that an upload that has read it before is decided
    /// again, and then from the complete runs. The last position counts the erasure even if it has no fix
    /// of the zone: that upload may still put a run that has.
    async fn erase(&self, driver: &DriverId, zone: Zone) -> Result<(), DbError> {
        let erase = |last: &mut LastPosition| {
            if let Some(rest) = zone.without(&last.run) {
                last.run = rest;
            }
            last.fix = last.fix.filter(|fix| !zone.has(fix));
            last.erasures += 1;
        };
        self.alter_last(driver, erase).await?;
        for StoredRun { key, run, expires_at } in self.runs(driver, zone.from, zone.to).await? {
            let Some(rest) = zone.without(&run) else { continue };
            self.put_run(driver, &rest, expires_at).await?;
            self.delete_run(key).await?;
        }
        Ok(())
    }

    /// Deletes the complete runs of an upload that was not kept, if a door has been erased since the last
    /// position was `read`: the erasure may have missed them. Their fixes are still in the last position,
    /// in runs of uploads that were kept, or in this upload, which is decided again. Without an erasure
    /// the runs stay, because one of an upload that was kept may be the same.
    ///
    /// With one, such a run is lost: that of an upload that came twice at once, before the erasure, with
    /// earlier fixes and without the door. Rather that than a door that stays.
    pub(super) async fn take_back(
        &self,
        driver: &DriverId,
        read: Option<&LastPosition>,
        complete: &[Run],
    ) -> Result<(), DbError> {
        if complete.is_empty() {
            return Ok(());
        }
        let last = self.last_position(driver).await?;
        let erasures = |last: Option<&LastPosition>| last.map_or(0, |last| last.erasures);
        if erasures(last.as_ref()) == erasures(read) {
            return Ok(());
        }
        for run in complete {
            self.delete_run_of(driver, run).await?;
        }
        Ok(())
    }

    /// Alters a driver's last position, if there is one. If another write comes first, it is altered
    /// again.
    async fn alter_last(
        &self,
        driver: &DriverId,
        edit: impl Fn(&mut LastPosition),
    ) -> Result<(), DbError> {
        let (table, key) = (&self.tables.positions, keys::last_position(driver));
        let mut tries = Tries::new();
        while tries.begin() {
            let item = self.get(table, key.clone(), Consistency::Strong, &[]).await?;
            let Some(item) = item else { return Ok(()) };
            let expires_at = expiry(&item)?;
            let last = LastPosition::of(item)?;
            let mut after = last.clone();
            edit(&mut after);
            if after == last || self.replace_last(driver, &last, &after, expires_at).await? {
                return Ok(());
            }
            tries.pause().await;
        }
        Err(DbError::Conflict)
    }
}
