//! The runner once more, so that tests have a process of it to kill: Cargo tells
//! a test where the binaries of its own package are, and no others.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    waybill::cli::run(std::env::args_os()).await
}
