//! A system with many orders.

use std::path::Path;

use futures_util::future::try_join;
use shared::clock::Clock;
use shared::config::{Config, ConfigError};
use shared::db::Db;
use shared::domain::time::Timestamp;

use super::bulk::{self, Bulk, Items};
use super::model::Model;
use super::{ScaleError, State};
use crate::dynamodb::Storage;
use crate::runner::{Options, Runner, Schedules, Streams};
use crate::time_scale::TimeScale;
use crate::transport::Faults;

/// How many orders are written at once.
const CHUNK: u64 = 100;

const DAY: i64 = 24 * 60 * 60;

/// A runner in memory whose orders were written in bulk and past the table's
/// stream, so that the relay has nothing to do with them. All that are closed
/// are newer than all that are open: whoever looks for open ones among all
/// meets these last.
pub(super) struct World {
    runner: Runner,
    bulk: Bulk,
    model: Model,
    open: u64,
    closed: u64,
    /// The day before yesterday, when the open ones came.
    day: Timestamp,
}

impl World {
    /// Starts with one order, which is closed.
    pub(super) async fn start(template: &Path, shards: u16) -> Result<Self, ScaleError> {
        let clock = Clock::system();
        let now = clock.now();
        let since_midnight = now.epoch_seconds().rem_euclid(DAY);
        let midnight = Timestamp::from_epoch_seconds(now.epoch_seconds() - since_midnight);
        let runner = Runner::start(Options {
            template: template.to_owned(),
            storage: Storage::Memory,
            port: 0,
            stack: "scale".to_owned(),
            clock,
            time_scale: TimeScale::REAL,
            order_shards: shards.to_string(),
            streams: Streams::Polled,
            schedules: Schedules::ByHand,
            faults: Faults::default(),
        });
        let runner = runner.await?;
        let config = config(&runner, shards)?;
        let model = Model::new(&runner, &Db::new(runner.dynamodb(), &config)).await?;
        let (bulk, day) = (Bulk::new(&config), midnight.unwrap_or(now).plus_seconds(-2 * DAY));
        Ok(Self { runner, bulk, model, open: 0, closed: 0, day })
    }

    pub(super) fn runner(&self) -> &Runner {
        &self.runner
    }

    /// The day on which the open orders came, and the day after.
    pub(super) fn days(&self) -> (String, String) {
        (self.day.day(), self.day.plus_seconds(DAY).day())
    }

    /// Writes orders until `count` are in that state.
    pub(super) async fn grow(&mut self, state: State, count: u64) -> Result<(), ScaleError> {
        let (present, start) = match state {
            State::Open => (&mut self.open, self.day),
            State::Closed => (&mut self.closed, self.day.plus_seconds(DAY)),
        };
        let mut ready = Items::new();
        while *present < count || !ready.is_empty() {
            // The database writes one chunk while the next one is made.
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

/// The store's settings; what it has no use for here is empty.
pub(in crate::costs) fn config(runner: &Runner, shards: u16) -> Result<Config, ConfigError> {
    Config::from_variables(|name| {
        Some(match name {
            "ORDERS_TABLE" => runner.table("OrdersTable").to_owned(),
            "HISTORY_TABLE" => runner.table("OrderHistoryTable").to_owned(),
            "DETAILS_TABLE" => runner.table("OrderDetailsTable").to_owned(),
            "ORDER_SHARDS" => shards.to_string(),
            _ => "unused".to_owned(),
        })
    })
}
