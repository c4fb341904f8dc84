//! `waybill costs`: what each step consumes, and the bill of a million orders.

use std::path::PathBuf;

use shared::edge::Clock;

use super::{CliError, STACK};
use crate::costs::Costs;
use crate::dynamodb::Storage;
use crate::runner::{Options, Runner};
use crate::transport::Faults;

/// Plays an order's life on a system of its own, in memory, and prints what it cost.
pub(super) async fn print(template: PathBuf) -> Result<(), CliError> {
    let runner = Runner::start(Options {
        template,
        storage: Storage::Memory,
        port: 0,
        stack: STACK.to_owned(),
        clock: Clock::system(),
        faults: Faults::default(),
    });
    let runner = runner.await?;
    let costs = Costs::measure(&runner).await?;
    runner.shutdown().await;
    super::print(&costs.to_string())?;
    let over: Vec<_> = costs.over_budget().map(|step| step.what).collect();
    if over.is_empty() { Ok(()) } else { Err(CliError::OverBudget(over.join("; "))) }
}
