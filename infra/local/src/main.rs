//! The runner: the whole of Waybill on this machine.

use std::process::ExitCode;

/// A post to a client makes many small allocations: this allocator reduces a crowd's median by a
/// sixth.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    waybill::cli::run(std::env::args_os()).await
}
