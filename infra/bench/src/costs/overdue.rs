//! Measures the deadline sweep.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use clock::Clock;
use db::{Db, Shards};
use domain::{Decision, DetailsChange, OrderEffect, OrderId};
use emulator::Streams;
use emulator::dynamodb::Storage;
use emulator::meter::Usage;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use waybill::{Options, Runner};

use super::client::{ClientError, Person};
use super::scale::ScaleError;
use super::{reference, table};

const SWEEP: &str = "sweep";

/// The number of orders that are created concurrently.
const PLACED_AT_ONCE: usize = 16;

/// Longer than the store's limit for acknowledging an order, in seconds.
const LATE: i64 = 60 * 60;

/// The consumption of the deadline sweep.
#[derive(Clone, Debug)]
pub struct SweepCosts {
    /// The number of orders that their stores did not acknowledge in time.
    pub orders: u64,
    pub swept: Value,
    pub usage: Usage,
}

impl SweepCosts {
    /// Creates `orders` orders in a separate in-memory system, advances the clock by an hour, and
    /// sweeps until a sweep processes everything that is left.
    pub async fn measure(template: &Path, orders: u64) -> Result<Self, ScaleError> {
        let passed = Arc::new(AtomicI64::new(0));
        let runner = Runner::start(options(template, &passed)).await?;
        place(&runner, orders).await?;
        passed.store(LATE, Ordering::SeqCst);
        runner.meter().take();
        let mut acted = 0;
        // On a slow machine a sweep does not process all orders before the function's timeout.
        // The next sweep continues, as it does on AWS.
        let swept = loop {
            let swept = runner.invoke(SWEEP, &json!({})).await;
            let mut swept = swept.map_err(|error| ClientError::Unswept(error.to_string()))?;
            acted += swept["acted"].as_u64().unwrap_or_default();
            if swept["is_cut"] != true {
                swept["acted"] = acted.into();
                break swept;
            }
        };
        let usage = runner.meter().take();
        runner.shutdown().await;
        Ok(Self { orders, swept, usage })
    }

    /// Returns a table of the sweep's requests and their consumption per order.
    pub fn by_order(&self) -> impl fmt::Display {
        table::per_order(&self.usage, SWEEP, self.orders)
    }

    /// Returns the violations: an overdue order that was not processed, or more than one read and
    /// one commit per order.
    pub fn faults(&self) -> Vec<String> {
        let units = self.usage.units_of(SWEEP);
        let requests = |operation: &str| {
            let all = self.usage.requests.iter();
            let own = all.filter(|(it, _)| it.function == SWEEP && it.operation == operation);
            own.map(|(_, count)| count).sum::<u64>()
        };
        let checks = [
            (self.swept["acted"] == self.orders, "the sweep did not process every overdue order"),
            (requests("TransactWriteItems") == self.orders, "an order takes more than one commit"),
            (requests("GetItem") == 0, "an order is read more than once"),
            // One unit for the head, and a fraction of one for the index.
            (units.reads <= 1.1 * table::float(self.orders), "an order takes more than one read"),
        ];
        checks.iter().filter(|(holds, _)| !holds).map(|(_, fault)| (*fault).to_owned()).collect()
    }
}

/// Creates one order over HTTP, and the others directly in the tables, as copies of the first.
async fn place(runner: &Runner, orders: u64) -> Result<(), ScaleError> {
    let merchant = Person::new(runner, &reference::merchant())?;
    let name = merchant.place(&reference::grocery_order()).await?;
    let db = Db::new(runner.dynamodb(), runner.tables(), Shards::ONE);
    let lost = || ScaleError::Unlike(name.clone());
    let id = OrderId::parse(&name).map_err(|_| lost())?;
    let events = db.head(id).await?.ok_or_else(lost)?.events;
    let details = db.details(id).await?.ok_or_else(lost)?;
    let placed = stream::iter(1..orders).map(async |_| {
        let id = OrderId::new(random::time_ordered_uuid());
        let details = OrderEffect::Details(DetailsChange::Put(Box::new(details.clone())));
        let created = Decision { events: events.clone(), effects: vec![details] };
        db.create(id, created, None).await
    });
    placed.buffer_unordered(PLACED_AT_ONCE).try_for_each(async |_| Ok(())).await?;
    Ok(())
}

fn options(template: &Path, passed: &Arc<AtomicI64>) -> Options {
    let (system, passed) = (Clock::system(), Arc::clone(passed));
    Options {
        clock: Clock::new(move || system.now().plus_seconds(passed.load(Ordering::SeqCst))),
        streams: Streams::ByHand,
        ..Options::new(template, Storage::Memory)
    }
}

/// Formats the consumption per order as a table.
impl fmt::Display for SweepCosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let orders = table::thousands(self.orders);
        writeln!(f, "A sweep of {orders} orders that were not acknowledged in time, for each:\n")?;
        self.by_order().fmt(f)
    }
}
