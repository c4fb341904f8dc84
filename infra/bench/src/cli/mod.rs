//! The command line of `bench`.

use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use waybill::{StartError, cli as runner};

use crate::costs::{ClientError, ScaleError};
use crate::crowd::CrowdError;
use crate::hot_topics::{self, HotTopicsError};

mod costs;
mod crowd;
mod scale;
mod uploads;

/// Measure Waybill on this machine, in memory.
#[derive(Debug, Parser)]
#[command(name = "bench", version)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Play orders from creation to delivery, and print what each step consumes and what a
    /// million orders cost.
    Costs,
    /// Write up to 100,000 orders, and print what each step consumes and how long pages of orders
    /// take.
    Scale,
    /// Connect 500 clients for some minutes, one of them stalled in some runs, and print how long
    /// changes take to reach them.
    Crowd,
    /// Have 1,000 drivers send positions for a minute, and print how long uploads and their frames
    /// take.
    Uploads,
    /// Simulate topics with up to 400,000 subscribers, and print docs/explanation/hot-topics.md.
    HotTopics,
    /// Run the runner, for a crowd in another process.
    #[command(hide = true)]
    Runner {
        /// The arguments of the runner.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// The error that ends the program.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    NoTemplate(#[from] runner::NoTemplate),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    #[error("the costs cannot be measured: {0}")]
    Costs(#[from] ClientError),
    #[error(transparent)]
    Scale(#[from] ScaleError),
    #[error("costs depend on the number of orders: {0}")]
    NotToScale(String),
    #[error("the crowd cannot be measured: {0}")]
    Crowd(#[from] CrowdError),
    #[error("a promise of live delivery was not kept: {0}")]
    NotPushed(String),
    #[error("uploads cannot be measured: {0}")]
    Uploads(CrowdError),
    #[error("a promise of uploads was not kept: {0}")]
    NotKept(String),
    #[error(transparent)]
    HotTopics(#[from] HotTopicsError),
    #[error("over budget: {0}")]
    OverBudget(String),
}

/// Runs the program. Returns 0 on success and 1 after an error or a violated promise; wrong
/// arguments end the process with 2.
pub async fn run() -> ExitCode {
    match Args::parse().command {
        Command::Runner { arguments } => {
            runner::run(std::iter::once("waybill".into()).chain(arguments)).await
        }
        Command::Costs => ended(costs::print()).await,
        Command::Scale => Box::pin(ended(scale::print())).await,
        Command::Crowd => ended(crowd::print()).await,
        Command::Uploads => ended(uploads::print()).await,
        Command::HotTopics => ended(async { print_hot_topics() }).await,
    }
}

/// Returns the exit code for the result of a measurement; logs go to standard error.
async fn ended(measured: impl Future<Output = Result<(), CliError>>) -> ExitCode {
    runner::log_to_stderr(false);
    match measured.await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print_hot_topics() -> Result<(), CliError> {
    print(&hot_topics::page(&template()?)?)
}

fn template() -> Result<PathBuf, CliError> {
    Ok(runner::template(None)?)
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
}
