//! Measures Waybill on this machine.

use std::process::ExitCode;

/// The same allocator as the runner's, because `bench crowd` times the posts of a runner that is
/// this same program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    bench::cli::run().await
}
