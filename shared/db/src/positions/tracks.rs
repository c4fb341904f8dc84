//! The complete runs of drivers, from which tracks are read.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{DriverId, Fix, MAX_RUN_S, Run, VehicleKind};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::LastPosition;
use super::encoding::{run_of, run_to_bytes};
use crate::{Consistency, Db, DbError, Digest, Item, keys};

/// The number of runs that are deleted concurrently.
const DELETIONS: usize = 16;

/// A complete run, and where it is.
pub(super) struct StoredRun {
    pub(super) key: Item,
    pub(super) run: Run,
    pub(super) expires_at: Timestamp,
}

impl Db {
    /// Returns the fixes of a driver in this period with the vehicles of their time, and those of up to
    /// two hours before it (read consistently). The last position is read first, so that a run that is
    /// completed meanwhile is in it or stored.
    pub async fn fixes(
        &self,
        driver: &DriverId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(VehicleKind, Fix)>, DbError> {
        let first = from.plus_seconds(-MAX_RUN_S);
        let last = self.last_position(driver).await?;
        let runs = self.runs(driver, from, to).await?;
        let runs = runs.into_iter().map(|stored| stored.run);
        let mut fixes = Run::merged(runs.chain(last.map(|last| last.run)));
        fixes.retain(|(_, fix)| (first..=to).contains(&fix.at));
        Ok(fixes)
    }

    /// Returns the complete runs of a driver that can have fixes in this period (read
    /// consistently).
    pub(super) async fn runs(
        &self,
        driver: &DriverId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<StoredRun>, DbError> {
        let first = keys::runs_from(from.plus_seconds(-MAX_RUN_S));
        let query = self
            .client
            .query()
            .table_name(&self.tables.positions)
            .key_condition_expression("driver_id = :driver AND #item BETWEEN :first AND :to")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":driver", keys::text(driver.as_str()))
            .expression_attribute_values(":first", keys::text(first))
            .expression_attribute_values(":to", keys::text(keys::runs_until(to)))
            .consistent_read(true);
        let (mut pages, mut runs) = (query.into_paginator().items().send(), Vec::new());
        while let Some(item) = pages.next().await {
            runs.push(StoredRun::of(item?)?);
        }
        Ok(runs)
    }

    /// Stores a complete run. One with the same content is stored once.
    pub(super) async fn put_run(
        &self,
        driver: &DriverId,
        run: &Run,
        expires_at: Timestamp,
    ) -> Result<(), DbError> {
        let bytes = run_to_bytes(run.vehicle, &run.fixes);
        let Some(mut item) = key(driver, run, &bytes) else { return Ok(()) };
        let expires_at = expires_at.epoch_seconds().to_string();
        item.insert("run".to_owned(), AttributeValue::B(Blob::new(bytes)));
        item.insert("expires_at".to_owned(), AttributeValue::N(expires_at));
        self.put(&self.tables.positions, item).await
    }

    /// Deletes a complete run with this content.
    pub(super) async fn delete_run_of(&self, driver: &DriverId, run: &Run) -> Result<(), DbError> {
        match key(driver, run, &run_to_bytes(run.vehicle, &run.fixes)) {
            Some(key) => self.delete_run(key).await,
            None => Ok(()),
        }
    }

    /// Deletes the complete runs of a driver who is deleted.
    pub async fn delete_runs(&self, driver: &DriverId) -> Result<(), DbError> {
        let runs = self
            .client
            .query()
            .table_name(&self.tables.positions)
            .key_condition_expression("driver_id = :driver AND begins_with(#item, :runs)")
            .projection_expression("driver_id, #item")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":driver", keys::text(driver.as_str()))
            .expression_attribute_values(":runs", keys::text(keys::RUN))
            .consistent_read(true);
        let (mut pages, mut keys) = (runs.into_paginator().items().send(), Vec::new());
        while let Some(key) = pages.next().await {
            keys.push(key?);
        }
        let deletions = stream::iter(keys).map(|key| self.delete_run(key));
        deletions.buffer_unordered(DELETIONS).try_collect().await
    }

    pub(super) async fn delete_run(&self, key: Item) -> Result<(), DbError> {
        let delete = self.client.delete_item().table_name(&self.tables.positions);
        delete.set_key(Some(key)).send().await?;
        Ok(())
    }

    pub(super) async fn last_position(
        &self,
        driver: &DriverId,
    ) -> Result<Option<LastPosition>, DbError> {
        let (table, key) = (&self.tables.positions, keys::last_position(driver));
        let item = self.get(table, key, Consistency::Strong, &[]).await?;
        item.map(LastPosition::of).transpose()
    }
}

impl StoredRun {
    fn of(mut item: Item) -> Result<Self, DbError> {
        let expires_at = expiry(&item)?;
        let bytes = item.remove("run");
        let bytes = bytes.as_ref().and_then(|run| run.as_b().ok());
        let run = run_of(bytes.ok_or_else(|| DbError::corrupt("a run has no fixes"))?.as_ref())?;
        item.retain(|name, _| name == "driver_id" || name == "item");
        Ok(Self { key: item, run, expires_at })
    }
}

/// Returns the key of a complete run with these `bytes`; `None` without a fix.
fn key(driver: &DriverId, run: &Run, bytes: &[u8]) -> Option<Item> {
    Some(keys::run(driver, run.fixes.first()?.at, &Digest::of([bytes])))
}

/// Returns the time at which an item of `positions` expires.
pub(super) fn expiry(item: &Item) -> Result<Timestamp, DbError> {
    let seconds = item.get("expires_at").and_then(|it| it.as_n().ok()?.parse().ok());
    let at = seconds.and_then(Timestamp::from_epoch_seconds);
    at.ok_or_else(|| DbError::corrupt("a position does not expire"))
}
