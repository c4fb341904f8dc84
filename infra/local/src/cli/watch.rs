//! `waybill watch`: follows a topic and prints what comes, one frame a line.

use std::io::Write;

use futures_util::{SinkExt, StreamExt};
use http::HeaderValue;
use http::header::AUTHORIZATION;
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Print each change of a topic as it comes.
///
/// The token is read from the environment variable TOKEN.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the WebSocket API answers, without TLS.
    #[arg(default_value = "ws://127.0.0.1:3000/live")]
    url: String,
    /// What to follow, for example order:ID or merchant:ID.
    #[arg(default_value = "orders")]
    topic: String,
}

/// Why there is nothing to watch.
#[derive(Debug, thiserror::Error)]
pub(super) enum WatchError {
    #[error("set TOKEN to a token, for example to the one that the runner prints")]
    NoToken,
    #[error("{0} is not ws://host:port/path")]
    Url(String),
    #[error("cannot connect: {0}. Is the runner up?")]
    Connect(std::io::Error),
    #[error("refused: {0}")]
    Refused(#[source] Error),
    #[error("the connection is lost: {0}")]
    Lost(#[source] Error),
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
}

pub(super) async fn watch(args: Args) -> Result<(), WatchError> {
    let token = std::env::var("TOKEN").map_err(|_| WatchError::NoToken)?;
    let bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    let wrong_url = || WatchError::Url(args.url.clone());
    let mut request = args.url.as_str().into_client_request().map_err(|_| wrong_url())?;
    request.headers_mut().insert(AUTHORIZATION, bearer.map_err(|_| WatchError::NoToken)?);
    let authority = request.uri().authority().ok_or_else(wrong_url)?;
    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(WatchError::Connect)?;
    let (mut socket, _) = client_async(request, stream).await.map_err(WatchError::Refused)?;

    let subscribe = json!({ "action": "subscribe", "topic": args.topic }).to_string();
    socket.send(Message::text(subscribe)).await.map_err(WatchError::Lost)?;
    while let Some(message) = socket.next().await {
        match message.map_err(WatchError::Lost)? {
            Message::Text(frame) => print(&frame).map_err(WatchError::Output)?,
            Message::Close(_) => break,
            Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    Ok(())
}

fn print(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
