//! `waybill watch`: follows a topic and prints its events, one per line.

use std::io;
use std::ops::ControlFlow;

use http::Uri;
use serde_json::json;
use waybill_client::{ConnectError, Feed, FeedError, News};

use super::token::{self, NotRunning, TokenError};
use super::{print_line, problem};

/// The URL of the WebSocket API of a runner on its default port.
const USUAL_URL: &str = "ws://127.0.0.1:3000/live";

/// Print each event of a topic as it arrives, until Ctrl-C; reconnect and resume after a lost
/// connection.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The topic: orders, merchant:ID, store:MERCHANT:ID, customer:MERCHANT:REFERENCE, driver:ID,
    /// order:ID, or fleet or fleet:MERCHANT for positions
    topic: String,
    /// The URL of the runner's WebSocket API.
    #[arg(long, default_value = USUAL_URL)]
    url: Uri,
    /// The token to connect with [default: a token for ops, which the runner issues for each
    /// connection].
    #[arg(long)]
    token: Option<String>,
}

/// The error that ends the watch, or prevents its start.
#[derive(Debug, thiserror::Error)]
pub(super) enum WatchError {
    #[error("{0} is not the URL of a runner; write it as ws://host:port/path")]
    Url(String),
    #[error(transparent)]
    NotRunning(#[from] NotRunning),
    #[error("cannot get a token from {url}: {source}. Provide one with --token")]
    NoToken { url: String, source: TokenError },
    #[error("the runner rejected the connection: {0}")]
    Connect(#[source] ConnectError),
    #[error("{0}")]
    Refused(String),
    #[error("cannot write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// Returns the command that follows every order of the runner at `url`.
pub(super) fn command(url: &str) -> String {
    match url {
        USUAL_URL => "cargo run -- watch orders".to_owned(),
        other => format!("cargo run -- watch orders --url {other}"),
    }
}

/// Prints the news of the topic until the server refuses the subscription or the output fails.
pub(super) async fn watch(args: Args) -> Result<(), WatchError> {
    let Args { topic, url, token } = args;
    let tokens = || {
        let (url, token) = (url.clone(), token.clone());
        async move {
            match token {
                Some(token) => Ok(token),
                None => ops_token(&url).await,
            }
        }
    };
    let feed = Feed::open(url.clone(), &topic, tokens).await?;
    match feed.run(report).await {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Requests a token for ops from the runner whose WebSocket API is at `url`.
async fn ops_token(url: &Uri) -> Result<String, WatchError> {
    let runner = url.authority().ok_or_else(|| WatchError::Url(url.to_string()))?;
    token::for_ops(runner.as_str()).await.map_err(|error| match error {
        TokenError::Unreachable => NotRunning(url.to_string()).into(),
        error => WatchError::NoToken { url: url.to_string(), source: error },
    })
}

/// Prints events to standard output, and logs the state of the connection to standard error.
fn report(news: News) -> ControlFlow<WatchError> {
    let printed = match news {
        News::Event(event) => print_line(&event),
        News::Removed(id) => print_line(&json!({ "removed": id })),
        News::Position(position) => print_line(&json!({ "position": position })),
        News::Reset(order) => print_line(&json!({ "reset": order })),
        News::Order(_) | News::Synced => Ok(()),
        News::Current => {
            tracing::info!("watching");
            Ok(())
        }
        News::Lost(reason) => {
            tracing::warn!(reason, "connection lost, reconnecting");
            Ok(())
        }
        News::Refused(problem) => {
            return ControlFlow::Break(WatchError::Refused(problem::described(&problem)));
        }
    };
    match printed {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(error.into()),
    }
}

impl From<FeedError<Self>> for WatchError {
    fn from(error: FeedError<Self>) -> Self {
        match error {
            FeedError::Token(error) => error,
            FeedError::Connect(ConnectError::Url(url)) => Self::Url(url),
            FeedError::Connect(ConnectError::Unreachable(url)) => NotRunning(url).into(),
            FeedError::Connect(error) => Self::Connect(error),
        }
    }
}
