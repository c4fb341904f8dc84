//! Requests a token from a running runner.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client, Error};
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use serde_json::{Value, json};

/// The error of a request for a token.
#[derive(Debug, thiserror::Error)]
pub(super) enum TokenError {
    #[error("no response")]
    Unreachable,
    #[error(transparent)]
    Request(#[from] Error),
    #[error("POST /dev/token responded with {0}")]
    Status(StatusCode),
    #[error(transparent)]
    Body(#[from] hyper::Error),
    #[error("the response to POST /dev/token has no token")]
    Response(#[from] serde_json::Error),
    #[error(transparent)]
    Address(#[from] http::Error),
}

/// The error of an address at which no runner responds.
#[derive(Debug, thiserror::Error)]
#[error(
    "no response from {0}. Start the runner first, in another terminal, with `cargo run`, or give \
     its address with --url"
)]
pub(super) struct NotRunning(pub(super) String);

#[derive(Deserialize)]
struct Response {
    token: String,
}

/// Requests a token for ops from the runner at that host and port.
pub(super) async fn for_ops(runner: &str) -> Result<String, TokenError> {
    of(runner, &json!({ "role": "ops", "id": "ops-1" })).await
}

/// Requests a token from the runner at that host and port. `person` is the body of
/// `POST /dev/token`.
pub(super) async fn of(runner: &str, person: &Value) -> Result<String, TokenError> {
    let uri = Uri::builder().scheme("http").authority(runner).path_and_query("/dev/token");
    let request = Request::post(uri.build()?)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(person.to_string())))?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let response = client.request(request).await.map_err(|error| {
        if error.is_connect() { TokenError::Unreachable } else { TokenError::Request(error) }
    })?;
    if response.status() != StatusCode::OK {
        return Err(TokenError::Status(response.status()));
    }
    let body = response.into_body().collect().await?.to_bytes();
    let Response { token } = serde_json::from_slice(&body)?;
    Ok(token)
}
