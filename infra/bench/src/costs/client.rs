//! A client that uses a runner over HTTP and WebSocket.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use waybill::Runner;
use waybill::issuer::{TokenRequest, TokenRequestError};

/// The timeout for a message or a state that a measurement waits for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The error of a client: a request or a connection failed, or the outcome is not the expected
/// one.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error(transparent)]
    Token(#[from] TokenRequestError),
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error(transparent)]
    Header(#[from] http::header::InvalidHeaderValue),
    #[error(transparent)]
    Unresponsive(#[from] hyper_util::client::legacy::Error),
    #[error(transparent)]
    Body(#[from] hyper::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("{request} responded with {status}: {body}")]
    Refused {
        /// The method and path.
        request: String,
        status: StatusCode,
        body: String,
    },
    #[error("the response to POST /orders has no id")]
    NoId,
    /// A page has an unexpected number of orders, so its measured consumption is meaningless.
    #[error("a page has {0} orders, not the expected number")]
    Short(usize),
    #[error("the sweep failed: {0}")]
    Unswept(String),
    #[error("no messages could be delivered: {0}")]
    Undelivered(String),
    #[error(transparent)]
    Socket(#[from] Box<tungstenite::Error>),
    #[error("the WebSocket reports {0}")]
    Complaint(String),
    #[error("the WebSocket is closed")]
    Closed,
    #[error("{0} within {1:?}")]
    Late(&'static str, Duration),
}

/// A client with a token. Clones share their HTTP connections.
#[derive(Clone)]
pub(crate) struct Person {
    http: Client<HttpConnector, Full<Bytes>>,
    http_url: String,
    live_url: String,
    bearer: String,
}

impl Person {
    pub(super) fn new(runner: &Runner, whom: &TokenRequest) -> Result<Self, ClientError> {
        Ok(Self::at(runner.http_url(), runner.live_url(), &runner.token(whom)?))
    }

    /// Returns a client for these addresses and this token.
    pub(crate) fn at(http_url: String, live_url: String, token: &str) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { http, http_url, live_url, bearer: format!("Bearer {token}") }
    }

    /// Returns a client that shares the connections but has another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { bearer: format!("Bearer {token}"), ..self.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.send(Method::PUT, path, Some(body)).await
    }

    /// Moves an order to a status.
    pub(crate) async fn move_to(&self, id: &str, status: &str) -> Result<Value, ClientError> {
        let path = format!("/orders/{id}/status");
        self.send(Method::PATCH, &path, Some(&json!({ "status": status }))).await
    }

    /// Completes the delivery of an order.
    pub(crate) async fn deliver(&self, id: &str) -> Result<Value, ClientError> {
        self.post(&format!("/orders/{id}/deliver"), &json!({})).await
    }

    /// Assigns an order to a driver.
    pub(crate) async fn assign(&self, id: &str, driver: &str) -> Result<Value, ClientError> {
        self.post(&format!("/orders/{id}/assign"), &json!({ "driver": driver })).await
    }

    /// Creates an order and returns its id.
    pub(crate) async fn place(&self, order: &Value) -> Result<String, ClientError> {
        let placed = self.post("/orders", order).await?;
        Ok(placed["id"].as_str().ok_or(ClientError::NoId)?.to_owned())
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClientError> {
        let body_text = body.map(ToString::to_string).unwrap_or_default();
        let request = Request::builder()
            .method(&method)
            .uri(format!("{}{path}", self.http_url))
            .header(AUTHORIZATION, &self.bearer)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(body_text)))?;
        let response = self.http.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if status.is_success() {
            return Ok(serde_json::from_slice(&body)?);
        }
        let (request, body) = (format!("{method} {path}"), String::from_utf8_lossy(&body).into());
        Err(ClientError::Refused { request, status, body })
    }

    /// Returns the request that opens a WebSocket.
    pub(crate) fn handshake(&self) -> Result<Request<()>, ClientError> {
        let mut request = self.live_url.as_str().into_client_request().map_err(Box::new)?;
        request.headers_mut().insert(AUTHORIZATION, HeaderValue::try_from(&self.bearer)?);
        Ok(request)
    }

    /// Opens a WebSocket and subscribes to a topic.
    pub(super) async fn listen(&self, topic: &str) -> Result<Listener, ClientError> {
        let (socket, _) = connect_async(self.handshake()?).await.map_err(Box::new)?;
        let mut listener = Listener(socket);
        let subscribe = json!({ "action": "subscribe", "topic": topic }).to_string();
        listener.0.send(Message::text(subscribe)).await.map_err(Box::new)?;
        listener.next().await?;
        Ok(listener)
    }
}

/// A WebSocket connection that is subscribed to a topic.
pub(super) struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    /// Waits for the next message, and fails if the message reports an error.
    pub(super) async fn next(&mut self) -> Result<(), ClientError> {
        let message = timeout(DEADLINE, self.text()).await;
        let text = message.map_err(|_| ClientError::Late("no message arrives", DEADLINE))??;
        let message: Value = serde_json::from_str(&text)?;
        if message["type"] == "error" { Err(ClientError::Complaint(text)) } else { Ok(()) }
    }

    async fn text(&mut self) -> Result<String, ClientError> {
        while let Some(message) = self.0.next().await {
            if let Message::Text(text) = message.map_err(Box::new)? {
                return Ok(text.to_string());
            }
        }
        Err(ClientError::Closed)
    }

    pub(super) async fn close(mut self) -> Result<(), ClientError> {
        Ok(self.0.close(None).await.map_err(Box::new)?)
    }
}
