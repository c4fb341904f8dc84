//! `waybill couriers`: simulated drivers of the platform's fleet in a made-up town.

use std::io;

use domain::Location;
use http::Uri;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use waybill_client::{ConnectError, FeedError};

use super::Stop;
use super::token::{self, NotRunning, TokenError};
use driver::Driver;
use town::Town;

mod api;
mod choice;
mod courier;
mod driver;
mod load;
mod offers;
mod order;
mod people;
mod request;
#[cfg(test)]
mod tests;
mod town;
mod track;
mod words;

/// The URL of a runner on its default port.
const USUAL_URL: &str = "http://127.0.0.1:3000";

/// The centre of the town, unless another is named.
const USUAL_CENTRE: &str = "51.51,-0.13";

/// Simulate drivers who answer offers, drive and deliver, until Ctrl-C; print a line for each thing
/// that happens.
///
/// The drivers are courier-1, courier-2 …, of the platform's fleet; another run continues with the
/// same ones. They accept most offers, decline some, and do not answer some. With the setting
/// `dispatch` of a merchant they are offered its orders by themselves; otherwise offer them one with
/// POST /orders/{id}/dispatch.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The number of drivers, 1 to 100.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    number: u8,
    /// The URL of the runner.
    #[arg(long, default_value = USUAL_URL)]
    url: Uri,
    /// The centre of the town, whose radius is a kilometre, in degrees north and east. Orders
    /// without locations go there.
    #[arg(long, value_name = "LAT,LNG", default_value = USUAL_CENTRE)]
    #[arg(value_parser = location, allow_hyphen_values = true)]
    town: Location,
}

fn location(text: &str) -> Result<Location, String> {
    let degrees = |text: &str| text.trim().parse().ok();
    let both = text.split_once(',').and_then(|(lat, lng)| Some((degrees(lat)?, degrees(lng)?)));
    let (lat, lng) = both.ok_or("must be LAT,LNG, such as 51.51,-0.13")?;
    Location::new(lat, lng).map_err(|error| error.0.into_owned())
}

/// The error that ends the simulation, or prevents its start.
#[derive(Debug, thiserror::Error)]
pub(super) enum CouriersError {
    #[error("{0} is not the URL of a runner; write it as http://host:port")]
    Url(String),
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    #[error(
        "{url} is not a runner: {source}. Give the address that `cargo run` prints, with --url"
    )]
    NotARunner { url: String, source: TokenError },
    #[error("the runner rejected the connection: {0}")]
    Connect(#[source] ConnectError),
    #[error("the runner does not accept {id}: {detail}")]
    Refused { id: String, detail: String },
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error("a courier ended unexpectedly: {0}")]
    Task(#[from] JoinError),
    #[error("cannot listen for signals: {0}")]
    Signals(#[source] io::Error),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// The runner that the couriers work for.
#[derive(Clone, Debug)]
struct Target {
    url: String,
    /// The host and the port.
    runner: String,
}

impl Target {
    fn of(url: &Uri) -> Result<Self, CouriersError> {
        let is_http = url.scheme_str() == Some("http");
        let Some(runner) = url.authority().filter(|_| is_http) else {
            return Err(CouriersError::Url(url.to_string()));
        };
        let url = url.to_string().trim_end_matches('/').to_owned();
        Ok(Self { url, runner: runner.to_string() })
    }

    /// Returns the error of a runner that issues no token.
    fn unusable(&self, error: TokenError) -> CouriersError {
        match error {
            TokenError::Unreachable => NotRunning(self.url.clone()).into(),
            source => CouriersError::NotARunner { url: self.url.clone(), source },
        }
    }

    /// Returns the error of a first connection that is not made.
    fn not_connected(&self, error: FeedError<TokenError>) -> CouriersError {
        match error {
            FeedError::Token(error) => self.unusable(error),
            FeedError::Connect(error) => CouriersError::Connect(error),
        }
    }
}

/// Runs the couriers until Ctrl-C or SIGTERM; a second signal ends them at once.
pub(super) async fn couriers(args: Args) -> Result<(), CouriersError> {
    let mut stop = Stop::listen().map_err(CouriersError::Signals)?;
    let target = Target::of(&args.url)?;
    token::for_ops(&target.runner).await.map_err(|error| target.unusable(error))?;
    let drivers = start(&args, &target).await?;
    let (stopping, stopped) = watch::channel(false);
    let mut at_work = JoinSet::new();
    for driver in drivers {
        at_work.spawn(driver.work(stopped.clone()));
    }
    tracing::info!("{} couriers are watching for offers; end them with Ctrl-C", args.number);
    let failed = tokio::select! {
        () = stop.asked() => Ok(()),
        ended = first_error(&mut at_work) => ended,
    };
    stopping.send_replace(true);
    tokio::select! {
        ended = first_error(&mut at_work) => failed.and(ended),
        () = stop.asked() => failed,
    }
}

/// Starts all couriers at once. If one cannot start, the others go home.
async fn start(args: &Args, target: &Target) -> Result<Vec<Driver>, CouriersError> {
    let mut starting = JoinSet::new();
    let town = Town { centre: args.town };
    for number in 1..=args.number {
        starting.spawn(Driver::start(target.clone(), number, args.number, town));
    }
    let (mut drivers, mut failed) = (Vec::new(), Ok(()));
    while let Some(started) = starting.join_next().await {
        match started? {
            Ok(driver) => drivers.push(driver),
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    if failed.is_err() {
        for driver in std::mem::take(&mut drivers) {
            driver.go_home().await?;
        }
    }
    failed.map(|()| drivers)
}

/// Waits until one fails, or all have ended.
async fn first_error(
    at_work: &mut JoinSet<Result<(), CouriersError>>,
) -> Result<(), CouriersError> {
    while let Some(ended) = at_work.join_next().await {
        ended??;
    }
    Ok(())
}
