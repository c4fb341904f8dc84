//! `bench scale`: the consumption of each step, and the time that pages take, among many orders.

use super::{CliError, template};
use crate::costs::{Paces, Scale};

/// The two numbers of orders, few and many, between which the times of pages are compared.
const TIMED: [u64; 2] = [1_000, 100_000];

/// Writes orders to separate in-memory systems, and prints the consumption of each step and the
/// time that pages take.
pub(super) async fn print() -> Result<(), CliError> {
    let template = template()?;
    let scale = Scale::measure(&template, 10_000, 100_000).await?;
    super::print(&format!("{scale}\n"))?;
    let [few, many] = TIMED;
    let paces = Box::pin(Paces::measure(&template, few, many)).await?;
    super::print(&paces.to_string())?;
    let faults = [scale.faults(), paces.faults()].concat();
    if faults.is_empty() { Ok(()) } else { Err(CliError::NotToScale(faults.join("; "))) }
}
