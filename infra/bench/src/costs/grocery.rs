//! Measures the life of a grocery order, which has a time limit in every status.

use serde_json::{Value, json};
use waybill::Runner;

use super::budgets::{CHANGE, CREATE, Scales, StepCosts};
use super::client::{ClientError, Person};
use super::reference;

/// Measures each step. The store proposes a substitute for one line, and the customer approves
/// it.
pub(super) async fn measure(runner: &Runner) -> Result<Vec<StepCosts>, ClientError> {
    let mut scales = Scales { runner, steps: Vec::new() };
    let merchant = Person::new(runner, &reference::merchant())?;
    let customer = Person::new(runner, &reference::customer())?;
    let driver = Person::new(runner, &reference::driver(reference::DRIVER))?;
    let order = reference::grocery_order();
    let placed = merchant.place(&order);
    let id = scales.weigh("create", CREATE, (17.0, 0.5), placed).await?;
    for (what, operation, body, budget) in prepared() {
        let by = if what == "answer" { &customer } else { &merchant };
        let path = format!("/orders/{id}/{operation}");
        let done = by.post(&path, &body);
        scales.weigh(what, CHANGE, (budget, 1.0), done).await?;
    }
    let assigned = merchant.assign(&id, reference::DRIVER);
    scales.weigh("assign", CHANGE, (11.0, 2.5), assigned).await?;
    let picked_up = driver.move_to(&id, "driver_pickup_complete");
    scales.weigh("pick up", CHANGE, (10.0, 1.0), picked_up).await?;
    let in_transit = driver.move_to(&id, "in_transit");
    scales.weigh("transit", CHANGE, (10.0, 1.0), in_transit).await?;
    let delivered = driver.deliver(&id);
    scales.weigh("deliver", CHANGE, (15.0, 1.0), delivered).await?;
    scales.steps.push(StepCosts::sum("a grocery life", &scales.steps));
    Ok(scales.steps)
}

/// Returns the steps of the store and the customer, each with its name, its operation, its
/// request body and its budget of write units.
fn prepared() -> [(&'static str, &'static str, Value, f64); 5] {
    let substitution = json!({
        "line": 2,
        "substitute": { "sku": "pain-au-chocolat", "name": "Pain au chocolat" },
        "reason": "sold out",
        "price_difference": 40,
    });
    [
        ("acknowledge", "acknowledge", json!({}), 8.0),
        ("start picking", "start-picking", json!({}), 8.0),
        ("propose a substitute", "substitutions", substitution, 10.0),
        ("answer", "substitutions/1/approve", json!({}), 10.0),
        ("ready", "ready", json!({}), 8.0),
    ]
}
