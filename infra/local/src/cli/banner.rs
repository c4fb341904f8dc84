//! The text that the runner prints once it is up.

use emulator::TimeScale;
use emulator::dynamodb::Storage;

use super::{CliError, watch};
use crate::Runner;
use crate::issuer::TokenRequest;

/// Prints the addresses, a token, and the way to the tutorial.
pub(super) fn show(
    runner: &Runner,
    storage: &Storage,
    time_scale: TimeScale,
) -> Result<(), CliError> {
    let ops = TokenRequest { role: "ops".into(), id: "ops-1".into(), ..TokenRequest::default() };
    let token = runner.token(&ops)?;
    let (http, live) = (runner.http_url(), runner.live_url());
    let watch = watch::command(&live);
    let data = match storage {
        Storage::File(path) => path.display().to_string(),
        Storage::Memory => "in memory, lost when the runner stops".to_owned(),
        Storage::Endpoint(url) => format!("in the DynamoDB at {url}"),
    };
    let time = match time_scale {
        TimeScale::REAL => String::new(),
        faster => format!("  Time       {faster} times as fast\n"),
    };
    let text = format!(
        r#"Waybill is up.

  Console    {http}/ops
  HTTP       {http}
  WebSocket  {live}
  Documents  {http}/docs
  Data       {data}
{time}
A token for the role ops, valid for 12 hours (others: POST {http}/dev/token
with {{"role", "id", "merchant"?, "store"?, "reference"?}}):

  export TOKEN={token}

Follow all orders in another terminal:

  {watch}

New to Waybill? Follow docs/tutorials/first-orders.md, or try {http}/docs.

"#
    );
    super::print(&text)
}
