//! `waybill watch`: follows a topic and prints what comes, one message a line.

use std::io::Write;

use futures_util::{SinkExt, StreamExt};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Uri};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::token::{self, TokenError};

/// Where a runner on its usual port has its WebSocket API.
const USUAL_URL: &str = "ws://127.0.0.1:3000/live";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Print each message of a topic as it comes, until Ctrl-C.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// orders, merchant:ID, store:MERCHANT:ID, customer:MERCHANT:REFERENCE, driver:ID or order:ID.
    topic: String,
    /// Where the WebSocket API of a runner answers.
    #[arg(long, default_value = USUAL_URL)]
    url: Uri,
    /// Who watches [default: ops, by a token that the runner gives].
    #[arg(long)]
    token: Option<String>,
}

/// Why there is nothing to watch, or no more.
#[derive(Debug, thiserror::Error)]
pub(super) enum WatchError {
    #[error("{0} is not where a runner answers: write it as ws://host:port/path")]
    Url(String),
    #[error(
        "nothing answers at {0}: start the runner first, in another terminal, with `cargo run`, \
         or say where it is with --url"
    )]
    NotRunning(String),
    #[error("no token is to be had from {url}: {source}. Bring one with --token")]
    NoToken { url: String, source: TokenError },
    #[error("--token is not a token")]
    BadToken,
    #[error("the runner refused the connection: {0}")]
    Refused(#[source] Box<Error>),
    #[error("the connection is lost: {0}")]
    Lost(#[source] Box<Error>),
    #[error("the server closed the connection: {0}")]
    Closed(String),
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
}

/// What to type in order to watch every order of the runner at `url`.
pub(super) fn command(url: &str) -> String {
    match url {
        USUAL_URL => "cargo run -- watch orders".to_owned(),
        other => format!("cargo run -- watch orders --url {other}"),
    }
}

/// Runs until the connection ends, and says how it did.
pub(super) async fn watch(args: Args) -> Result<(), WatchError> {
    let token = match args.token {
        Some(token) => token,
        None => ops_token(&args.url).await?,
    };
    let mut socket = connect(&args.url, &token).await?;
    let lost = |error| WatchError::Lost(Box::new(error));
    let subscribe = json!({ "action": "subscribe", "topic": args.topic }).to_string();
    socket.send(Message::text(subscribe)).await.map_err(lost)?;
    while let Some(message) = socket.next().await {
        match message.map_err(lost)? {
            Message::Text(message) => print(&message).map_err(WatchError::Output)?,
            Message::Close(frame) => return Err(closed(frame)),
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Err(closed(None))
}

/// A token for ops, from the runner whose WebSocket API is at `url`.
async fn ops_token(url: &Uri) -> Result<String, WatchError> {
    let runner = url.authority().ok_or_else(|| WatchError::Url(url.to_string()))?;
    token::for_ops(runner.as_str()).await.map_err(|error| match error {
        TokenError::Unreachable => WatchError::NotRunning(url.to_string()),
        error => WatchError::NoToken { url: url.to_string(), source: error },
    })
}

async fn connect(url: &Uri, token: &str) -> Result<Socket, WatchError> {
    let wrong = |_| WatchError::Url(url.to_string());
    let mut request = url.into_client_request().map_err(wrong)?;
    let bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    let bearer = bearer.map_err(|_| WatchError::BadToken)?;
    request.headers_mut().insert(AUTHORIZATION, bearer);
    match connect_async(request).await {
        Ok((socket, _)) => Ok(socket),
        Err(Error::Io(_)) => Err(WatchError::NotRunning(url.to_string())),
        Err(Error::Url(_)) => Err(WatchError::Url(url.to_string())),
        Err(error) => Err(WatchError::Refused(Box::new(error))),
    }
}

fn closed(frame: Option<CloseFrame>) -> WatchError {
    WatchError::Closed(match frame {
        Some(frame) => format!("{} {}", u16::from(frame.code), frame.reason),
        None => "without a reason".to_owned(),
    })
}

fn print(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
