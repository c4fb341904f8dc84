//! A system with many orders.

use std::path::Path;

use clock::Clock;
use clock::Timestamp;
use db::{Db, Shards};
use emulator::dynamodb::Storage;
use futures_util::future::try_join;
use waybill::{Options, Runner};

use super::bulk::{self, Bulk, Items};
use super::model::Model;
use super::{ScaleError, State};

/// The number of orders that are written at once.
const CHUNK: u64 = 100;

const DAY: i64 = 24 * 60 * 60;

/// An in-memory runner whose orders were written in bulk, bypassing the table's stream, so that
/// the relay does not process them. All closed orders are newer than all open ones, so a query
/// that looks for open orders among all orders finds them last.
pub(super) struct World {
    runner: Runner,
    bulk: Bulk,
    model: Model,
    open: u64,
    closed: u64,
    /// Midnight UTC of the day before yesterday, when the first open order was created.
    day: Timestamp,
}

impl World {
    /// Starts with one order, the model, which is closed.
    pub(super) async fn start(template: &Path, shards: u16) -> Result<Self, ScaleError> {
        let clock = Clock::system();
        let now = clock.now();
        let since_midnight = now.epoch_seconds().rem_euclid(DAY);
        let midnight = Timestamp::from_epoch_seconds(now.epoch_seconds() - since_midnight);
        let runner = Runner::start(Options {
            clock,
            order_shards: shards.to_string(),
            ..Options::new(template, Storage::Memory)
        });
        let runner = runner.await?;
        let tables = runner.tables();
        let shards = Shards { written: shards, read: shards };
        let model =
            Model::new(&runner, &Db::new(runner.dynamodb(), tables.clone(), shards)).await?;
        let (bulk, day) =
            (Bulk::new(tables, shards), midnight.unwrap_or(now).plus_seconds(-2 * DAY));
        Ok(Self { runner, bulk, model, open: 0, closed: 0, day })
    }

    pub(super) fn runner(&self) -> &Runner {
        &self.runner
    }

    /// Returns the day on which the open orders were created, and the day after.
    pub(super) fn days(&self) -> (String, String) {
        (self.day.day(), self.day.plus_seconds(DAY).day())
    }

    /// Writes orders until `count` are in that state, and compares the last one with the model.
    pub(super) async fn grow(&mut self, state: State, count: u64) -> Result<(), ScaleError> {
        let (present, start) = match state {
            State::Open => (&mut self.open, self.day),
            State::Closed => (&mut self.closed, self.day.plus_seconds(DAY)),
        };
        let mut ready = Items::new();
        while *present < count || !ready.is_empty() {
            // The database writes one chunk while the next chunk is generated.
            let numbers = *present..count.min(*present + CHUNK);
            *present = numbers.end;
            let next = self.bulk.orders(&self.model, state, numbers, start);
            ((), ready) = try_join(write(&self.runner, ready), next).await?;
        }
        self.model.compare(&self.runner, bulk::id(state, count - 1), state).await
    }
}

async fn write(runner: &Runner, items: Items) -> Result<(), ScaleError> {
    for (table, items) in items {
        runner.import(&table, &items).await?;
    }
    Ok(())
}
