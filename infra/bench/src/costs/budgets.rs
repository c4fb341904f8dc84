//! The budget of each step, and the measurement of the step's consumption.

use emulator::meter::Units;
use serde_json::json;
use waybill::Runner;

use super::client::{ClientError, Person};
use super::reference;

/// The number of open orders when a page of them is read.
const OPEN_ORDERS: u32 = 100;

/// The number of orders that are closed before a page of them is read.
const CLOSED_ORDERS: u32 = 60;

/// The number of statuses of closed orders; each is a partition of a list by closing.
const CLOSED_STATUSES: u16 = 4;

pub(super) const CREATE: &str = "create-order";
pub(super) const CHANGE: &str = "transition-order";

/// The consumption of a step, beside its budget.
#[derive(Clone, Debug)]
pub struct StepCosts {
    pub what: &'static str,
    pub budget: Units,
    pub consumed: Units,
    /// The budget of write requests.
    pub most_write_requests: u64,
    pub write_requests: u64,
}

impl StepCosts {
    /// Returns true if the step stayed within its budget.
    pub fn within(&self) -> bool {
        self.consumed.writes <= self.budget.writes
            && self.consumed.reads <= self.budget.reads
            && self.write_requests <= self.most_write_requests
    }

    /// Adds up consecutive steps.
    pub(super) fn sum(what: &'static str, steps: &[Self]) -> Self {
        let units = |of: fn(&Self) -> Units| Units {
            writes: steps.iter().map(|step| of(step).writes).sum(),
            reads: steps.iter().map(|step| of(step).reads).sum(),
        };
        Self {
            what,
            budget: units(|step| step.budget),
            consumed: units(|step| step.consumed),
            most_write_requests: steps.iter().map(|step| step.most_write_requests).sum(),
            write_requests: steps.iter().map(|step| step.write_requests).sum(),
        }
    }
}

/// A meter of a runner's functions that records the consumption of each step.
pub(super) struct Scales<'r> {
    pub(super) runner: &'r Runner,
    pub(super) steps: Vec<StepCosts>,
}

impl Scales<'_> {
    /// Measures the consumption of `function` while `action` runs, and records it beside its
    /// budget. The relay runs at the same time, but its consumption counts for another function.
    pub(super) async fn weigh<T>(
        &mut self,
        what: &'static str,
        function: &str,
        units: (f64, f64),
        action: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        self.weigh_writes(what, function, (units, 1), action).await
    }

    /// Records a step as [`weigh`](Self::weigh) does, with a budget of write requests.
    async fn weigh_writes<T>(
        &mut self,
        what: &'static str,
        function: &str,
        ((writes, reads), most_write_requests): ((f64, f64), u64),
        action: impl Future<Output = Result<T, ClientError>>,
    ) -> Result<T, ClientError> {
        self.runner.meter().take();
        let done = action.await?;
        let usage = self.runner.meter().take();
        self.steps.push(StepCosts {
            what,
            budget: Units { writes, reads },
            consumed: usage.units_of(function),
            most_write_requests,
            write_requests: usage.writes_of(function),
        });
        Ok(done)
    }
}

/// Measures each step that has a budget once, on a runner that has no open order.
pub(super) async fn measure(runner: &Runner) -> Result<Vec<StepCosts>, ClientError> {
    let mut steps = changes(runner).await?;
    let merchant = Person::new(runner, &reference::merchant())?;
    for _ in 0..OPEN_ORDERS {
        merchant.place(&reference::order()).await?;
    }
    steps.extend([page(runner, 1).await?, merchants_page(runner).await?]);
    steps.extend(closed_pages(runner).await?);
    Ok(steps)
}

/// Measures the changes of orders, and leaves no order open.
pub(super) async fn changes(runner: &Runner) -> Result<Vec<StepCosts>, ClientError> {
    let mut scales = Scales { runner, steps: Vec::new() };
    life(&mut scales, reference::DRIVER, &UNREGISTERED).await?;
    let life_of_one = StepCosts::sum(UNREGISTERED.life, &scales.steps);
    without_driver(&mut scales).await?;
    let driver = registered(runner).await?;
    let mut lives = vec![life_of_one];
    for carried in [&REGISTERED, &OFFERED] {
        let mut others = Scales { runner, steps: Vec::new() };
        life(&mut others, &driver, carried).await?;
        lives.push(StepCosts::sum(carried.life, &others.steps));
        for step in others.steps {
            if scales.steps.iter().all(|known| known.what != step.what) {
                scales.steps.push(step);
            }
        }
    }
    scales.steps.extend(lives);
    Ok(scales.steps)
}

/// The steps of a life that depend on the driver, with their budgets.
struct Carried {
    /// The offer of the order, which the driver accepts instead of being assigned.
    offer: Option<&'static str>,
    assign: (&'static str, (f64, f64)),
    close: (&'static str, (f64, f64)),
    life: &'static str,
}

const UNREGISTERED: Carried = Carried {
    offer: None,
    assign: ("assign", (7.0, 2.5)),
    close: ("close an assigned order", (11.0, 1.0)),
    life: "a life: create, assign, pick up, transit, deliver",
};

const REGISTERED: Carried = Carried {
    offer: None,
    assign: ("assign a registered driver", (9.0, 2.0)),
    close: ("close an order of a registered driver", (13.0, 1.0)),
    life: "the same life with a registered driver",
};

const OFFERED: Carried = Carried {
    offer: Some("offer to three drivers"),
    assign: ("accept", (10.0, 2.0)),
    life: "the same life with an offer to three drivers",
    ..REGISTERED
};

/// Measures the life of an order, from creation to delivery.
async fn life(
    scales: &mut Scales<'_>,
    driver_id: &str,
    carried: &Carried,
) -> Result<(), ClientError> {
    let merchant = Person::new(scales.runner, &reference::merchant())?;
    let driver = Person::new(scales.runner, &reference::driver(driver_id))?;
    let order = reference::order();
    let placed = merchant.place(&order);
    let id = scales.weigh("create", CREATE, (13.0, 0.5), placed).await?;
    if let Some(what) = carried.offer {
        let (path, drivers) = (format!("/orders/{id}/dispatch"), [driver_id, "dora", "dean"]);
        let drivers = json!({ "drivers": drivers });
        let offered = merchant.post(&path, &drivers);
        scales.weigh_writes(what, CHANGE, ((8.0, 4.5), 4), offered).await?;
        let (path, nothing) = (format!("/orders/{id}/accept"), json!({}));
        let accepted = driver.post(&path, &nothing);
        scales.weigh(carried.assign.0, CHANGE, carried.assign.1, accepted).await?;
    } else {
        let assigned = merchant.assign(&id, driver_id);
        scales.weigh(carried.assign.0, CHANGE, carried.assign.1, assigned).await?;
    }
    let picked_up = driver.move_to(&id, "picked_up");
    scales.weigh("pick up", CHANGE, (6.0, 1.0), picked_up).await?;
    let in_transit = driver.move_to(&id, "in_transit");
    scales.weigh("transit", CHANGE, (6.0, 1.0), in_transit).await?;
    let delivered = driver.deliver(&id);
    scales.weigh(carried.close.0, CHANGE, carried.close.1, delivered).await?;
    Ok(())
}

/// Registers a driver, who is on duty then, and returns the id.
async fn registered(runner: &Runner) -> Result<String, ClientError> {
    let ops = Person::new(runner, &reference::ops())?;
    let driver = reference::registered_driver();
    ops.post("/drivers", &json!({ "driver": driver, "name": "Dan Smith" })).await?;
    ops.put(&format!("/drivers/{driver}/duty"), &json!({ "on_duty": true })).await?;
    Ok(driver)
}

/// Measures the creation of an order with an `external_id`, and its delivery without a driver.
async fn without_driver(scales: &mut Scales<'_>) -> Result<(), ClientError> {
    let merchant = Person::new(scales.runner, &reference::merchant())?;
    let ops = Person::new(scales.runner, &reference::ops())?;
    let mut order = reference::order();
    order["external_id"] = json!(random::random_uuid().to_string());
    let placed = merchant.place(&order);
    let id = scales.weigh("create with an external_id", CREATE, (15.0, 0.5), placed).await?;
    for status in ["picked_up", "in_transit"] {
        ops.move_to(&id, status).await?;
    }
    let delivered = ops.deliver(&id);
    scales.weigh("close an order without a driver", CHANGE, (10.0, 1.0), delivered).await?;
    Ok(())
}

/// Measures a page of all open orders, which are spread over `shards` shards.
pub(super) async fn page(runner: &Runner, shards: u16) -> Result<StepCosts, ClientError> {
    read_page(runner, "a page of 50 open orders", "/orders", page_budget(shards)).await
}

/// Returns the budget of a page of 50 orders from this number of partitions.
fn page_budget(partitions: u16) -> f64 {
    27.0 + 0.5 * f64::from(partitions - 1)
}

/// Measures a page of one merchant's open orders.
pub(super) async fn merchants_page(runner: &Runner) -> Result<StepCosts, ClientError> {
    let path = format!("/orders?merchant={}", reference::MERCHANT);
    read_page(runner, "a page of 50 open orders of a merchant", &path, 27.0).await
}

/// Closes some orders, and measures a page of the orders closed in a period: everybody's, with all
/// statuses of closed orders and with one, and a merchant's.
pub(super) async fn closed_pages(runner: &Runner) -> Result<[StepCosts; 3], ClientError> {
    let ops = Person::new(runner, &reference::ops())?;
    let merchant = Person::new(runner, &reference::merchant())?;
    for _ in 0..CLOSED_ORDERS {
        let id = merchant.place(&reference::order()).await?;
        ops.move_to(&id, "cancelled").await?;
    }
    let (period, one) = ("/orders?closed_from=2026-01-01", page_budget(1));
    let all = ("a page of 50 orders closed in a period", period.to_owned());
    let cancelled = ("the same of one status", format!("{period}&status=cancelled"));
    let merchants =
        ("the same of a merchant", format!("{period}&merchant={}", reference::MERCHANT));
    Ok([
        read_page(runner, all.0, &all.1, page_budget(CLOSED_STATUSES)).await?,
        read_page(runner, cancelled.0, &cancelled.1, one).await?,
        read_page(runner, merchants.0, &merchants.1, one).await?,
    ])
}

async fn read_page(
    runner: &Runner,
    what: &'static str,
    path: &str,
    budget: f64,
) -> Result<StepCosts, ClientError> {
    let ops = Person::new(runner, &reference::ops())?;
    let mut scales = Scales { runner, steps: Vec::new() };
    let page = scales.weigh(what, "query-orders", (0.0, budget), ops.get(path)).await?;
    let found = page["orders"].as_array().map_or(0, Vec::len);
    scales.steps.pop().filter(|_| found == 50).ok_or(ClientError::Short(found))
}
