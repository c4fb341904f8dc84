//! The runner: the whole of Waybill on this machine.

use std::process::ExitCode;

/// A post to a client is many small allocations: with this a crowd's median is a sixth less.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    waybill::cli::run(std::env::args_os()).await
}
