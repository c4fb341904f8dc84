//! The budgets, and what is consumed of them.

use serde_json::json;

use super::client::{ClientError, Person};
use super::reference;
use crate::meter::{Units, Usage};
use crate::runner::Runner;

/// How many open orders there are when a page of them is read.
const OPEN_ORDERS: u32 = 100;

/// Something with a budget.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub what: &'static str,
    /// What it may consume.
    pub budget: Units,
    /// What it consumed.
    pub consumed: Units,
    /// How many requests that write it may take.
    pub most_write_requests: u64,
    /// How many requests that write it took.
    pub write_requests: u64,
}

impl Step {
    /// Whether it kept to its budget.
    pub fn within(&self) -> bool {
        self.consumed.writes <= self.budget.writes
            && self.consumed.reads <= self.budget.reads
            && self.write_requests <= self.most_write_requests
    }

    /// The commits of a whole life.
    pub(super) fn life(usage: &Usage) -> Self {
        let [create, change] = ["create-order", "transition-order"].map(|it| usage.units_of(it));
        Self {
            what: "a life: create, assign, pick up, transit, deliver",
            budget: Units { writes: 42.0, reads: 4.0 },
            consumed: Units {
                writes: create.writes + change.writes,
                reads: create.reads + change.reads,
            },
            most_write_requests: 5,
            write_requests: usage.writes_of("create-order") + usage.writes_of("transition-order"),
        }
    }
}

/// A runner whose functions are weighed one step at a time.
struct Scales<'r> {
    runner: &'r Runner,
    steps: Vec<Step>,
}

impl Scales<'_> {
    /// Meters what `function` consumes while `action` runs. The relay, which
    /// goes on in the meantime, is another function.
    async fn weigh<T>(
        &mut self,
        what: &'static str,
        function: &str,
        (writes, reads): (f64, f64),
        action: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        self.runner.meter().take();
        let done = action.await?;
        let usage = self.runner.meter().take();
        self.steps.push(Step {
            what,
            budget: Units { writes, reads },
            consumed: usage.units_of(function),
            most_write_requests: 1,
            write_requests: usage.writes_of(function),
        });
        Ok(done)
    }
}

/// Takes each step that has a budget once.
pub(super) async fn measure(runner: &Runner) -> Result<Vec<Step>, ClientError> {
    let merchant = Person::new(runner, &reference::merchant())?;
    let driver = Person::new(runner, &reference::driver())?;
    let ops = Person::new(runner, &reference::ops())?;
    let order = reference::order();
    let mut named = order.clone();
    named["external_id"] = json!("web-2026-004711");

    let mut scales = Scales { runner, steps: Vec::new() };
    let (create, change) = ("create-order", "transition-order");
    let id = scales.weigh("create", create, (13.0, 0.0), merchant.place(&order)).await?;
    let other = merchant.place(&named);
    let other = scales.weigh("create with an external_id", create, (15.0, 0.0), other).await?;

    let assign = merchant.assign(&id, reference::DRIVER);
    scales.weigh("assign", change, (7.0, 1.0), assign).await?;
    let picked_up = driver.move_to(&id, "picked_up");
    scales.weigh("transition of an open order", change, (6.0, 1.0), picked_up).await?;
    driver.move_to(&id, "in_transit").await?;
    let delivered = driver.deliver(&id);
    scales.weigh("close an assigned order", change, (10.0, 1.0), delivered).await?;

    for status in ["picked_up", "in_transit"] {
        ops.move_to(&other, status).await?;
    }
    let delivered = ops.deliver(&other);
    scales.weigh("close an order without a driver", change, (9.0, 1.0), delivered).await?;

    for _ in 0..OPEN_ORDERS {
        merchant.place(&order).await?;
    }
    let page = ops.get("/orders?limit=50");
    scales.weigh("a page of 50 open orders", "query-orders", (0.0, 27.0), page).await?;
    Ok(scales.steps)
}
