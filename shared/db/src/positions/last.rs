//! The item `last` of a driver: the position that is shown, and the fixes that are not in a complete run
//! yet.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use clock::Timestamp;
use domain::{Cell, DriverId, Fix, MAX_STOPS, OrderId, Outage, Roster, Run, Stop, Watch, marker};

use super::change::Change;
use super::encoding::{run_of, run_to_bytes, stops_of, stops_to_bytes};
use crate::drivers::roster;
use crate::retry::if_met;
use crate::transaction::NotMade;
use crate::{Consistency, Db, DbError, Item, keys};

/// The size in bytes that an item `last` stays below, so that its write costs one unit.
const UNIT_BYTES: usize = 1_024;

/// The size of the attributes of an item `last` without its run, its stops and the driver's id, with a
/// reserve: their names and the longest values.
const OTHER_BYTES: usize = 280;

/// The roster of a driver with the driver's position.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    pub roster: Roster,
    /// The cell in which a search finds the driver.
    pub cell: Option<Cell>,
    /// `None` if there was no upload yet.
    pub last: Option<LastPosition>,
}

/// The last position of a driver.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LastPosition {
    /// The position that is shown, perhaps of an earlier duty; `None` if no fix was exact enough.
    pub fix: Option<Fix>,
    /// The last fixes, which are not in a complete run yet.
    pub run: Run,
    /// The places of the driver's orders, of which at most [`MAX_STOPS`] are kept.
    pub stops: Vec<Stop>,
    /// The reason why the device sends no fixes, since the last upload.
    pub outage: Option<Outage>,
    /// The end of the time in which somebody watches the driver.
    pub watched_until: Option<Timestamp>,
    /// The end of the time in which somebody watches the driver's fleet, as of the last upload.
    pub fleet_watched_until: Option<Timestamp>,
    /// The number of uploads that were kept.
    pub(super) revision: u64,
    /// The number of doors that were erased from the driver's track.
    pub(super) erasures: u64,
}

/// A change of a driver's last position, which an upload makes.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    after: LastPosition,
    complete: Vec<Run>,
}

impl LastPosition {
    /// Reads an item `last`, such as that of a stream's record.
    pub fn of(mut item: Item) -> Result<Self, DbError> {
        let mut bytes = |name: &str| match item.remove(name) {
            Some(AttributeValue::B(bytes)) => Some(bytes.into_inner()),
            _ => None,
        };
        let (run, stops) = (bytes("run"), bytes("stops"));
        let mut other = |name: &str| item.remove(name);
        let text = |value: AttributeValue| value.as_s().ok().cloned();
        let number = |value: AttributeValue| value.as_n().ok()?.parse::<i64>().ok();
        Ok(Self {
            fix: other("fix").map(serde_dynamo::from_attribute_value).transpose()?,
            run: run.as_deref().map(run_of).transpose()?.unwrap_or_default(),
            stops: stops.as_deref().map(stops_of).transpose()?.unwrap_or_default(),
            outage: other("outage").and_then(text).as_deref().and_then(Outage::named),
            watched_until: other("watched_until")
                .and_then(text)
                .and_then(|at| Timestamp::parse(&at)),
            fleet_watched_until: other("fleet_until")
                .and_then(number)
                .and_then(Timestamp::from_epoch_seconds),
            revision: other("rev").and_then(number).unwrap_or_default().cast_unsigned(),
            erasures: other("erased").and_then(number).unwrap_or_default().cast_unsigned(),
        })
    }

    /// Returns the time of the last fix that was kept, exact or not.
    pub fn seen_at(&self) -> Option<Timestamp> {
        self.run.fixes.last().map(|fix| fix.at)
    }

    /// Returns who watches the driver, whose roster this is, at `now`.
    pub fn watch(&self, roster: &Roster, now: Timestamp) -> Watch {
        Watch::of(roster, self.watched_until, self.fleet_watched_until, now)
    }

    /// True if the stops are those of these orders.
    pub fn has_stops_of(&self, orders: &BTreeSet<OrderId>) -> bool {
        self.stops.iter().map(|stop| stop.order).eq(orders.iter().copied().take(MAX_STOPS))
    }

    /// Adds fixes that were accepted. With an `outage` there will be no more for a while.
    pub fn with(
        &self,
        roster: &Roster,
        accepted: &[Fix],
        stops: Vec<Stop>,
        outage: Option<Outage>,
    ) -> Kept {
        let vehicle = roster.vehicle.kind;
        let room = room(&roster.driver, &stops);
        let fits = |fixes: &[Fix]| run_to_bytes(vehicle, fixes).len() <= room;
        let (complete, run) = self.run.clone().with(vehicle, accepted, fits);
        let fix = marker(self.fix.as_ref(), vehicle, &run.fixes);
        let after = Self { fix, run, stops, outage, ..self.clone() };
        Kept { after, complete }
    }
}

impl Kept {
    /// Returns the position after the change.
    pub fn into_last(self) -> LastPosition {
        let revision = self.after.revision + 1;
        LastPosition { revision, ..self.after }
    }
}

/// Returns the bytes that a run can have beside these stops.
fn room(driver: &DriverId, stops: &[Stop]) -> usize {
    let others = OTHER_BYTES + driver.as_str().len() + stops_to_bytes(stops).len();
    UNIT_BYTES.saturating_sub(others)
}

impl Db {
    /// Returns the roster and the position of a driver (read consistently).
    pub async fn whereabouts(&self, driver: &DriverId) -> Result<Option<Whereabouts>, DbError> {
        let (rosters, positions) = (&self.tables.drivers, &self.tables.positions);
        let (found, last) = futures_util::try_join!(
            self.get(rosters, keys::roster(driver), Consistency::Strong, &[]),
            self.get(positions, keys::last_position(driver), Consistency::Strong, &[]),
        )?;
        let Some(item) = found else { return Ok(None) };
        let (cell, last) = (keys::cell_of(&item), last.map(LastPosition::of).transpose()?);
        Ok(Some(Whereabouts { roster: roster(item)?, cell, last }))
    }

    /// Stores what an upload changes, until `expires_at`; returns false if another upload came first, or
    /// if the upload is the first and the roster is not that of `at` any more. `at` is what was
    /// read.
    ///
    /// Complete runs come first, so that a fix that leaves the item is in one of them. A run is stored
    /// under its content: one that another upload stores too is stored once.
    pub async fn keep(
        &self,
        at: &Whereabouts,
        kept: &Kept,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool, DbError> {
        let driver = &at.roster.driver;
        for run in &kept.complete {
            self.put_run(driver, run, expires_at).await?;
        }
        let is_kept = match &at.last {
            Some(read) => self.keep_next(driver, read, &kept.after, (now, expires_at)).await?,
            None => self.keep_first(&at.roster, &kept.after, expires_at).await?,
        };
        if !is_kept {
            self.take_back(driver, at.last.as_ref(), &kept.complete).await?;
        }
        Ok(is_kept)
    }

    async fn keep_next(
        &self,
        driver: &DriverId,
        read: &LastPosition,
        after: &LastPosition,
        (now, expires_at): (Timestamp, Timestamp),
    ) -> Result<bool, DbError> {
        let mut change = Change::between(read, after, expires_at)?;
        if let Some(until) = read.watched_until.filter(|until| *until <= now) {
            change.remove("watched_until");
            change.value(":watched_until", keys::text(until.to_string()));
            change.condition("watched_until = :watched_until");
        }
        self.change_last(driver, change).await
    }

    /// Replaces a last position that was read; returns false if another write came first. A watch stays.
    pub(super) async fn replace_last(
        &self,
        driver: &DriverId,
        read: &LastPosition,
        after: &LastPosition,
        expires_at: Timestamp,
    ) -> Result<bool, DbError> {
        self.change_last(driver, Change::between(read, after, expires_at)?).await
    }

    async fn change_last(&self, driver: &DriverId, change: Change) -> Result<bool, DbError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(driver)))
            .update_expression(change.expression())
            .condition_expression(change.conditions.join(" AND "))
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values));
        if_met(|| update.clone().send()).await
    }

    /// Stores the first position of a driver, or the first after the last one has expired. The driver
    /// must exist: a deletion that happens at the same time leaves no position behind.
    async fn keep_first(
        &self,
        roster: &Roster,
        after: &LastPosition,
        expires_at: Timestamp,
    ) -> Result<bool, DbError> {
        let version = AttributeValue::N(roster.version.to_string());
        let exists = ConditionCheck::builder()
            .table_name(&self.tables.drivers)
            .set_key(Some(keys::roster(&roster.driver)))
            .condition_expression("version = :version")
            .expression_attribute_values(":version", version)
            .build()
            .map_err(DbError::corrupt)?;
        let change = Change::to(after, 1, expires_at)?;
        let first = Update::builder()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(&roster.driver)))
            .update_expression(change.expression())
            .condition_expression("attribute_not_exists(driver_id)")
            .set_expression_attribute_names(Some(change.names))
            .set_expression_attribute_values(Some(change.values))
            .build()
            .map_err(DbError::corrupt)?;
        let writes = [
            TransactWriteItem::builder().condition_check(exists).build(),
            TransactWriteItem::builder().update(first).build(),
        ];
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(NotMade::Unmet(_)) => Ok(false),
            Err(NotMade::Db(error)) => Err(error),
        }
    }
}

impl Db {
    /// The deletion of a driver's last position.
    pub(crate) fn position_deletion(
        &self,
        driver: &DriverId,
    ) -> Result<TransactWriteItem, DbError> {
        let delete = Delete::builder()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(driver)))
            .build()
            .map_err(DbError::corrupt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

#[cfg(test)]
mod tests {
    use domain::{Fleet, Location};

    use super::*;

    fn roster(id: &str) -> Roster {
        let now = Timestamp::from_epoch_seconds(1_763_719_800);
        Roster {
            on_duty_since: now,
            orders: (0..8).map(|n| OrderId::derived([n; 16])).collect(),
            ..Roster::new(DriverId::parse(id).unwrap(), Fleet::Platform)
        }
    }

    fn stop(order: &OrderId, dropoff: Option<Location>) -> Stop {
        Stop { order: *order, pickup: Location::new(-89.123_456, -179.123_456).ok(), dropoff }
    }

    /// The size of an item as DynamoDB charges it: the names and the values of its attributes.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    fn size(name: &str, value: &AttributeValue) -> usize {
        name.len()
            + match value {
                AttributeValue::S(text) => text.len(),
                AttributeValue::N(number) => number.len().div_ceil(2) + 2,
                AttributeValue::B(bytes) => bytes.as_ref().len(),
                AttributeValue::M(map) => {
                    3 + map.iter().map(|(name, value)| 1 + size(name, value)).sum::<usize>()
                }
                other => panic!("{other:?}"),
            }
    }

    fn item(driver: &DriverId, last: &LastPosition) -> Item {
        let at = Timestamp::from_epoch_seconds(1_763_719_800).unwrap();
        let change = Change::to(last, 1_000_000, at).unwrap();
        let mut item = keys::last_position(driver);
        let values = change.values.into_iter();
        item.extend(values.map(|(name, value)| (name.trim_start_matches(':').to_owned(), value)));
        item.insert("watched_until".to_owned(), keys::text(at.to_string()));
        let until = AttributeValue::N(at.epoch_seconds().to_string());
        item.insert("fleet_until".to_owned(), until);
        item.insert("erased".to_owned(), AttributeValue::N("1000000".to_owned()));
        item
    }

    /// Also of a driver with a long id, with eight stops, whose fixes are all over the Earth.
    #[test]
    fn a_full_item_costs_one_write_unit() {
        let jumps = |n: i32| if n % 2 == 0 { 89.999_99 } else { -89.999_99 };
        for id in ["d1", &"x".repeat(128)] {
            let roster = roster(id);
            let stops: Vec<_> = roster
                .orders
                .iter()
                .map(|order| stop(order, Location::new(89.123_456, 179.123_456).ok()))
                .collect();
            for place in [jumps, |n| f64::from(n) * 0.000_67] {
                let mut last = LastPosition::default();
                let mut largest = 0;
                for n in 0..400_i32 {
                    let location = Location::new(place(n), 2.0 * place(n)).unwrap();
                    let at = roster.on_duty_since.unwrap().plus_seconds(i64::from(n) * 70);
                    let (accuracy_m, speed, heading) =
                        (Some(123.0), Some(12.345_678), Some(271.234_5));
                    let fix = Fix { at, location, accuracy_m, speed, heading }.kept();
                    let outage = Some(Outage::ServicesDisabled);
                    last = last.with(&roster, &[fix], stops.clone(), outage).into_last();
                    let item = item(&roster.driver, &last);
                    largest = largest.max(item.iter().map(|(name, value)| size(name, value)).sum());
                    let read = LastPosition::of(item).unwrap();
                    assert_eq!(
                        (read.fix, &read.stops, read.outage),
                        (last.fix, &last.stops, outage)
                    );
                    assert_eq!(read.run.fixes.len(), last.run.fixes.len());
                }
                assert!((600..1_024).contains(&largest), "{id}: {largest}");
            }
        }
    }
}
