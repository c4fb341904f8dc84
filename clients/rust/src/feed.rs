//! A follower over a WebSocket.

use std::ops::ControlFlow;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode, Uri};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::connection::RESPONSE_WITHIN;
use super::follower::Follower;
use super::output::{News, Output};

/// The timeout of the closing handshake.
const GOODBYE_WITHIN: Duration = Duration::from_secs(1);

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// A topic of a live API, followed for as long as [`run`](Self::run) is polled.
pub struct Feed<T> {
    url: Uri,
    /// Returns a token for each connection.
    token: T,
    follower: Follower,
    socket: Option<Socket>,
    started: Instant,
}

/// The error of a connection that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("the token is not a valid header value")]
    BadToken,
    /// The URL is not of the form `ws://host:port/path`.
    #[error("{0} is not a WebSocket URL")]
    Url(String),
    /// The connection failed with an I/O error, for example because no server listens there.
    #[error("no response from {0}")]
    Unreachable(String),
    /// The response was 401 or 403: the token is invalid or has expired.
    #[error("the server rejected the token: {0}")]
    Refused(StatusCode),
    /// The response was 429: try again later.
    #[error("you have too many connections, or there are too many requests; try again in a minute")]
    Limited,
    /// The token or the handshake did not arrive in time.
    #[error("the server does not respond")]
    Silent,
    #[error("cannot connect: {0}")]
    Failed(#[source] Box<tungstenite::Error>),
}

/// The error of a feed's first connection.
#[derive(Debug, thiserror::Error)]
pub enum FeedError<E> {
    #[error("{0}")]
    Token(#[source] E),
    #[error(transparent)]
    Connect(#[from] ConnectError),
}

impl<T, F, E> Feed<T>
where
    T: FnMut() -> F,
    F: Future<Output = Result<String, E>>,
    E: std::fmt::Display,
{
    /// Connects to the live API at `url` to follow `topic`. A failure of the first connection is
    /// an error; later connections are retried.
    pub async fn open(url: Uri, topic: &str, token: T) -> Result<Self, FeedError<E>> {
        const WHOLE: Duration = Duration::from_secs(1);
        let chance = || random::jitter(WHOLE).as_secs_f64();
        let follower = Follower::new(topic, chance);
        let mut feed = Self { url, token, follower, socket: None, started: Instant::now() };
        // The follower's first output asks for the connection that is made here.
        feed.follower.outputs();
        feed.socket = Some(feed.connection().await?);
        feed.follower.opened(feed.now());
        Ok(feed)
    }

    /// Passes all news to `notify` until it breaks, and then returns the value of the break; or
    /// until the server refuses the topic or the token, which is the last news. Dropping the
    /// future ends the feed at once.
    pub async fn run<B>(mut self, mut notify: impl FnMut(News) -> ControlFlow<B>) -> Option<B> {
        loop {
            let outputs = self.follower.outputs();
            if outputs.is_empty() {
                self.wait().await;
            }
            for output in outputs {
                match output {
                    Output::Connect => self.connect().await,
                    Output::Send(message) => self.send(&message).await,
                    Output::Close => self.close().await,
                    Output::News(news) => {
                        let is_last = matches!(news, News::Refused(_));
                        if let ControlFlow::Break(why) = notify(news) {
                            return Some(why);
                        }
                        if is_last {
                            self.close().await;
                            return None;
                        }
                    }
                }
            }
        }
    }

    /// Waits for a message or for the follower's next action, whichever comes first.
    async fn wait(&mut self) {
        let due = self.follower.due().map(|due| self.started + due);
        let due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let message = async {
            match &mut self.socket {
                Some(socket) => socket.next().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            message = message => self.receive(message),
            () = due => self.follower.tick(self.now()),
        }
    }

    fn receive(&mut self, message: Option<Result<Message, tungstenite::Error>>) {
        match message {
            Some(Ok(Message::Text(text))) => self.follower.frame(self.now(), &text),
            Some(Ok(Message::Close(frame))) => {
                let reason = frame.map(|frame| format!("{} {}", frame.code, frame.reason));
                self.lose(reason.as_deref().unwrap_or("closed without a reason"));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => self.lose(&error.to_string()),
            None => self.lose("closed"),
        }
    }

    async fn connect(&mut self) {
        match self.connection().await {
            Ok(socket) => {
                self.socket = Some(socket);
                self.follower.opened(self.now());
            }
            Err(error) => {
                tracing::debug!(%error, "no connection");
                match error {
                    FeedError::Connect(ConnectError::Refused(_) | ConnectError::BadToken) => {
                        self.follower.refused(self.now());
                    }
                    FeedError::Connect(ConnectError::Limited) => self.follower.limited(self.now()),
                    FeedError::Token(_) | FeedError::Connect(_) => {
                        self.follower.closed(self.now());
                    }
                }
            }
        }
    }

    async fn connection(&mut self) -> Result<Socket, FeedError<E>> {
        let token = timeout(RESPONSE_WITHIN, (self.token)()).await;
        let token = token.map_err(|_| ConnectError::Silent)?.map_err(FeedError::Token)?;
        Ok(connect(&self.url, &token).await?)
    }

    async fn send(&mut self, message: &Value) {
        let Some(socket) = &mut self.socket else { return };
        let message = Message::text(message.to_string());
        match timeout(RESPONSE_WITHIN, socket.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.lose(&error.to_string()),
            Err(_) => self.lose("the connection accepts no more messages"),
        }
    }

    fn lose(&mut self, why: &str) {
        tracing::debug!(why, "the connection ended");
        self.socket = None;
        self.follower.closed(self.now());
    }

    /// Sends a close frame, so that the server need not detect the end. A connection that accepts
    /// no messages is abandoned after a timeout, and the server must detect it.
    async fn close(&mut self) {
        if let Some(mut socket) = self.socket.take()
            && let Ok(Err(error)) = timeout(GOODBYE_WITHIN, socket.close(None)).await
        {
            tracing::debug!(%error, "no goodbye");
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }
}

async fn connect(url: &Uri, token: &str) -> Result<Socket, ConnectError> {
    let wrong = |_| ConnectError::Url(url.to_string());
    let mut request = url.into_client_request().map_err(wrong)?;
    let bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()));
    let bearer = bearer.map_err(|_| ConnectError::BadToken)?;
    request.headers_mut().insert(AUTHORIZATION, bearer);
    let made = timeout(RESPONSE_WITHIN, connect_async(request)).await;
    match made.map_err(|_| ConnectError::Silent)? {
        Ok((socket, _)) => Ok(socket),
        Err(error) => Err(ConnectError::of(error, url)),
    }
}

impl ConnectError {
    fn of(error: tungstenite::Error, url: &Uri) -> Self {
        use tungstenite::Error;
        match error {
            Error::Io(_) => Self::Unreachable(url.to_string()),
            Error::Url(_) => Self::Url(url.to_string()),
            Error::Http(response)
                if [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN]
                    .contains(&response.status()) =>
            {
                Self::Refused(response.status())
            }
            Error::Http(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => {
                Self::Limited
            }
            error => Self::Failed(Box::new(error)),
        }
    }
}
