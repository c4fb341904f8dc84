//! The command line of `waybill`.

use std::ffi::OsString;
use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use emulator::Schedules;
use emulator::TimeScale;
use emulator::gateway::http::REQUEST_LOG;
use functions::Escaped;
use tokio::signal;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::{Options, Runner, StartError};

mod banner;
mod couriers;
mod export;
mod place;
mod problem;
mod token;
mod watch;

pub use place::{NoTemplate, template};

#[cfg(test)]
mod tests;

/// Run Waybill on this machine: the system that template.yaml describes, with its own `DynamoDB`.
///
/// Set `DYNAMODB_ENDPOINT=http://host:port` to use another `DynamoDB` instead.
#[derive(Debug, Parser)]
#[command(name = "waybill", version, args_conflicts_with_subcommands = true)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// The port of 127.0.0.1 to listen on; 0 selects a free one.
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Keep the data in memory only; it is lost when the runner stops.
    #[arg(long, conflicts_with = "data")]
    memory: bool,
    /// Make time pass N times as fast, 1 to 3600, to try out time limits; needs --memory.
    #[arg(long, value_name = "N", requires = "memory", conflicts_with = "data")]
    time_scale: Option<TimeScale>,
    /// The folder to keep the data in [default: .waybill beside template.yaml].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The template to run [default: template.yaml in this folder, in a folder above, or in the
    /// checkout that this program was built in].
    #[arg(long, value_name = "PATH")]
    template: Option<PathBuf>,
    /// The origins of the pages that may call the HTTP API, separated by commas, such as
    /// `http://localhost:5173`; the template's parameter `AllowedOrigins`.
    #[arg(long, value_name = "ORIGINS", default_value = "", hide_default_value = true)]
    allowed_origins: String,
    /// A host that requests can name beside `127.0.0.1`, `localhost` and `[::1]`, such as
    /// `localhost:8080` behind a forwarded port; repeat it for several.
    #[arg(long = "host", value_name = "HOST:PORT")]
    hosts: Vec<String>,
    /// Once the runner is up, write the functions' environment variables to this file, one
    /// NAME=VALUE per line.
    #[arg(long, value_name = "PATH")]
    variables: Option<PathBuf>,
    /// The lines to log beside the functions' own [default: requests, on a terminal].
    #[arg(long, value_name = "WHAT")]
    log: Option<Log>,
}

/// A log that the runner writes beside the functions' own lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Log {
    /// A line per HTTP request: method, route, status, milliseconds and the caller's role.
    Requests,
}

#[derive(Debug, Subcommand)]
enum Command {
    Watch(watch::Args),
    Export(export::Args),
    Couriers(couriers::Args),
}

/// The error that ends the program.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    NoTemplate(#[from] NoTemplate),
    #[error("DYNAMODB_ENDPOINT is set; unset it, or omit --memory and --data")]
    TwoStorages,
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("cannot listen for signals: {0}")]
    Signals(std::io::Error),
    #[error("cannot write the variables to {}: {source}", path.display())]
    Variables { path: PathBuf, source: std::io::Error },
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    #[error("cannot issue the first token: {0}")]
    Token(#[from] crate::issuer::TokenRequestError),
    #[error(transparent)]
    Watch(#[from] watch::WatchError),
    #[error(transparent)]
    Export(#[from] export::ExportError),
    #[error(transparent)]
    Couriers(#[from] couriers::CouriersError),
}

/// Runs the program until Ctrl-C or SIGTERM. The first of `args` is the program's name. Returns 0
/// after a clean end and 1 after an error; wrong arguments end the process with 2.
pub async fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = Args::parse_from(args);
    let is_watched =
        args.command.is_none() && rust_log().is_none() && std::io::stderr().is_terminal();
    log_to_stderr(args.log == Some(Log::Requests) || is_watched);
    let done = match args.command {
        Some(Command::Watch(args)) => watch::watch(args).await.map_err(CliError::from),
        Some(Command::Export(args)) => export::export(args).await.map_err(CliError::from),
        Some(Command::Couriers(args)) => couriers::couriers(args).await.map_err(CliError::from),
        None => serve(args).await,
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<(), CliError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
}

/// Prints a line, in which what is not printed as itself is escaped.
fn print_line(line: &impl Display) -> std::io::Result<()> {
    let mut out = Escaped(std::io::stdout().lock());
    out.write_all(format!("{line}\n").as_bytes())?;
    out.flush()
}

async fn serve(args: Args) -> Result<(), CliError> {
    let template = template(args.template)?;
    let endpoint = std::env::var("DYNAMODB_ENDPOINT").ok().filter(|url| !url.is_empty());
    let chosen = args.memory || args.data.is_some();
    if endpoint.is_some() && chosen {
        return Err(CliError::TwoStorages);
    }
    let storage = place::storage(endpoint, args.memory, args.data, &template);
    let stop = Stop::listen().map_err(CliError::Signals)?;
    let time_scale = args.time_scale.unwrap_or(TimeScale::REAL);
    let options = Options {
        port: args.port,
        allowed_origins: args.allowed_origins,
        hosts: args.hosts,
        time_scale,
        schedules: Schedules::Played,
        ..Options::new(&template, storage.clone())
    };
    let runner = Runner::start(options).await?;
    if let Some(path) = args.variables {
        let written = std::fs::write(&path, variables(&runner));
        written.map_err(|source| CliError::Variables { path, source })?;
    }
    banner::show(&runner, &storage, time_scale)?;
    stop.until_asked(runner).await;
    Ok(())
}

/// Formats the functions' environment variables, one per line.
fn variables(runner: &Runner) -> String {
    let lines = runner.variables().iter().map(|(name, value)| format!("{name}={value}\n"));
    lines.collect()
}

/// The signals that end the program.
struct Stop {
    #[cfg(unix)]
    terminate: signal::unix::Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: signal::unix::signal(signal::unix::SignalKind::terminate())?,
        })
    }

    /// Waits for a signal and lets the runner finish; a second signal ends it at once.
    async fn until_asked(mut self, runner: Runner) {
        self.asked().await;
        tracing::info!("stopping; press Ctrl-C again to stop immediately");
        tokio::select! {
            () = runner.shutdown() => {}
            () = self.asked() => {}
        }
    }

    async fn asked(&mut self) {
        #[cfg(unix)]
        let terminated = self.terminate.recv();
        #[cfg(not(unix))]
        let terminated = std::future::pending::<Option<()>>();
        tokio::select! {
            _ = signal::ctrl_c() => {}
            _ = terminated => {}
        }
    }
}

/// Sends this process's logs to its standard error, filtered by `RUST_LOG` (`info` if it is not
/// set), with the log of requests if `requests` is true.
pub fn log_to_stderr(requests: bool) {
    // `EnvFilter` supports more, but with regular expressions that take a while to compile.
    let filter = match (rust_log(), requests) {
        (Some(filter), false) => filter,
        (filter, true) => filter
            .unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO))
            .with_target(REQUEST_LOG, LevelFilter::INFO),
        (None, false) => Targets::new()
            .with_default(LevelFilter::INFO)
            .with_target(REQUEST_LOG, LevelFilter::OFF),
    };
    let log = fmt::layer().with_writer(|| Escaped(std::io::stderr()));
    tracing_subscriber::registry().with(log).with(filter).init();
}

/// Returns the filter that the environment sets, if it can be parsed.
fn rust_log() -> Option<Targets> {
    std::env::var("RUST_LOG").ok().and_then(|text| text.parse().ok())
}
