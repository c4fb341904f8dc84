//! The complete runs of drivers, from which tracks are read.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use clock::Timestamp;
use domain::{DriverId, Fix, MAX_RUN_S, Run, VehicleKind};

use super::LastPosition;
use super::encoding::{run_of, run_to_bytes};
use crate::{Consistency, Db, DbError, Digest, Item, keys};

impl Db {
    /// Returns the fixes of a driver in this period with the vehicles of their time, and those of up to
    /// two hours before it (read eventually consistently).
    pub async fn fixes(
        &self,
        driver: &DriverId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(VehicleKind, Fix)>, DbError> {
        let first = from.plus_seconds(-MAX_RUN_S);
        let runs = self
            .client
            .query()
            .table_name(&self.tables.positions)
            .key_condition_expression("driver_id = :driver AND #item BETWEEN :first AND :to")
            .expression_attribute_names("#item", "item")
            .expression_attribute_values(":driver", keys::text(driver.as_str()))
            .expression_attribute_values(":first", keys::text(keys::runs_from(first)))
            .expression_attribute_values(":to", keys::text(keys::runs_until(to)));
        let (last, mut stored) = futures_util::try_join!(self.last_position(driver), async {
            let mut pages = runs.into_paginator().items().send();
            let mut stored = Vec::new();
            while let Some(item) = pages.next().await {
                stored.push(complete_run(&item?)?);
            }
            Ok(stored)
        })?;
        stored.extend(last.map(|last| last.run));
        let mut fixes = Run::merged(stored);
        fixes.retain(|(_, fix)| (first..=to).contains(&fix.at));
        Ok(fixes)
    }

    /// Stores a complete run. One with the same content is stored once.
    pub(super) async fn put_run(
        &self,
        driver: &DriverId,
        run: &Run,
        expires_at: Timestamp,
    ) -> Result<(), DbError> {
        let Some(first) = run.fixes.first() else { return Ok(()) };
        let bytes = run_to_bytes(run.vehicle, &run.fixes);
        let mut item = keys::run(driver, first.at, &Digest::of([&*bytes]));
        let expires_at = expires_at.epoch_seconds().to_string();
        item.insert("run".to_owned(), AttributeValue::B(Blob::new(bytes)));
        item.insert("expires_at".to_owned(), AttributeValue::N(expires_at));
        self.put(&self.tables.positions, item).await
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
        let mut pages = runs.into_paginator().items().send();
        while let Some(key) = pages.next().await {
            let delete = self.client.delete_item().table_name(&self.tables.positions);
            delete.set_key(Some(key?)).send().await?;
        }
        Ok(())
    }

    async fn last_position(&self, driver: &DriverId) -> Result<Option<LastPosition>, DbError> {
        let (table, key) = (&self.tables.positions, keys::last_position(driver));
        let item = self.get(table, key, Consistency::Eventual, &[]).await?;
        item.map(LastPosition::of).transpose()
    }
}

fn complete_run(item: &Item) -> Result<Run, DbError> {
    let bytes = item.get("run").and_then(|run| run.as_b().ok());
    run_of(bytes.ok_or_else(|| DbError::corrupt("a complete run has no fixes"))?.as_ref())
}
