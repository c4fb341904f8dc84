//! `bench costs`: the consumption of each step, and the bill of a million orders.

use emulator::dynamodb::Storage;
use waybill::{Options, Runner};

use super::{CliError, template};
use crate::costs::{CONNECTIONS_PER_PRINCIPAL, Costs, SweepCosts, WebhookCosts};

/// The number of orders that are overdue at the same time.
const OVERDUE: u64 = 10_000;

/// Measures orders' lives and a sweep in separate in-memory systems, and prints their costs.
pub(super) async fn print() -> Result<(), CliError> {
    let template = template()?;
    let options = Options {
        connections_per_principal: CONNECTIONS_PER_PRINCIPAL,
        ..Options::new(&template, Storage::Memory)
    };
    let runner = Runner::start(options).await?;
    let costs = Costs::measure(&runner).await?;
    runner.shutdown().await;
    super::print(&format!("{costs}\n"))?;
    let overdue = SweepCosts::measure(&template, OVERDUE).await?;
    super::print(&overdue.to_string())?;
    let webhooks = Box::pin(WebhookCosts::measure(&template)).await?;
    super::print(&webhooks.to_string())?;
    let steps = costs.over_budget().chain(webhooks.over_budget());
    let over = steps.map(|step| step.what.to_owned());
    let over: Vec<_> = over.chain(overdue.faults()).collect();
    if over.is_empty() { Ok(()) } else { Err(CliError::OverBudget(over.join("; "))) }
}
