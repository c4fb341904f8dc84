//! The runner: the whole of Waybill on this machine.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    waybill::cli::run(std::env::args_os()).await
}
