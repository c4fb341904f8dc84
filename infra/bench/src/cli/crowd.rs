//! `bench crowd`: the time that changes take to reach 500 clients.

use super::{CliError, template};
use crate::crowd::Crowd;

/// Measures live delivery from runners in processes of their own, and prints the figures.
pub(super) async fn print() -> Result<(), CliError> {
    let template = template()?;
    let crowd = Crowd::measure(&template).await?;
    super::print(&crowd.to_string())?;
    let faults = crowd.faults();
    if faults.is_empty() { Ok(()) } else { Err(CliError::NotPushed(faults.join("; "))) }
}
