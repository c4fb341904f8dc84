//! `bench scale`: what each step consumes, and how long pages take, among many orders.

use super::{CliError, template};
use crate::costs::{Paces, Scale};

/// Few orders and many, when pages are timed.
const TIMED: [u64; 2] = [1_000, 100_000];

/// Writes orders into systems of its own, in memory, and prints what it costs to
/// use these.
pub(super) async fn print() -> Result<(), CliError> {
    let template = template()?;
    let scale = Scale::measure(&template, 10_000, 100_000).await?;
    super::print(&format!("{scale}\n"))?;
    let [few, many] = TIMED;
    let paces = Paces::measure(&template, few, many).await?;
    super::print(&paces.to_string())?;
    let faults = [scale.faults(), paces.faults()].concat();
    if faults.is_empty() { Ok(()) } else { Err(CliError::NotToScale(faults.join("; "))) }
}
