//! Measures Waybill on this machine.

use std::process::ExitCode;

/// As the runner's, whose posts are what is timed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    bench::cli::run().await
}
