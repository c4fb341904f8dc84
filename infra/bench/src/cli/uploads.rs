//! `bench uploads`: positions of 1,000 drivers.

use super::{CliError, template};
use crate::uploads::Uploads;

/// Measures uploads to a runner in a process of its own, and prints the figures.
pub(super) async fn print() -> Result<(), CliError> {
    let template = template()?;
    let uploads = Uploads::measure(&template).await.map_err(CliError::Uploads)?;
    super::print(&uploads.to_string())?;
    let faults = uploads.faults();
    if faults.is_empty() { Ok(()) } else { Err(CliError::NotKept(faults.join("; "))) }
}
