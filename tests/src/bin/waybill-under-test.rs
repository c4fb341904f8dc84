//! The runner as a binary of this package, so that tests can run it in a process and kill it:
//! Cargo tells a test the paths of its own package's binaries only.

/// The runner's allocator, because a test watches the memory of this process.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    waybill::cli::run(std::env::args_os()).await
}
