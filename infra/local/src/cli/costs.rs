//! `waybill costs`: what each step consumes, and the bill of a million orders.

use shared::clock::Clock;

use super::{CliError, STACK, place};
use crate::costs::{Costs, Overdue};
use crate::dynamodb::Storage;
use crate::runner::{Options, Runner, Schedules, Streams};
use crate::time_scale::TimeScale;
use crate::transport::Faults;

/// How many orders are overdue at once.
const OVERDUE: u64 = 10_000;

/// Plays an order's life on a system of its own, in memory, and prints what it cost.
pub(super) async fn print() -> Result<(), CliError> {
    let template = place::template(None).ok_or(CliError::NoTemplate)?;
    let runner = Runner::start(Options {
        template: template.clone(),
        storage: Storage::Memory,
        port: 0,
        stack: STACK.to_owned(),
        clock: Clock::system(),
        time_scale: TimeScale::REAL,
        order_shards: "1".to_owned(),
        streams: Streams::Polled,
        schedules: Schedules::ByHand,
        faults: Faults::default(),
    });
    let runner = runner.await?;
    let costs = Costs::measure(&runner).await?;
    runner.shutdown().await;
    super::print(&format!("{costs}\n"))?;
    let overdue = Overdue::measure(&template, OVERDUE).await?;
    super::print(&overdue.to_string())?;
    let over = costs.over_budget().map(|step| step.what.to_owned());
    let over: Vec<_> = over.chain(overdue.faults()).collect();
    if over.is_empty() { Ok(()) } else { Err(CliError::OverBudget(over.join("; "))) }
}
