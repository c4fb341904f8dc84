//! The HTTP API of a runner, as one person uses it.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

use super::super::problem;
use super::super::token::{self, TokenError};
use super::request::Answer;

/// The time limit of a request: longer than API Gateway waits for a function.
const RESPONSE_WITHIN: Duration = Duration::from_secs(35);

/// An HTTP API, with a person's token for it.
pub(super) struct Api {
    /// The host and the port of the runner.
    runner: String,
    /// The body of `POST /dev/token`.
    person: Value,
    token: String,
    http: Client<HttpConnector, Full<Bytes>>,
}

/// The error of a request that has no response.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error("no response within {} seconds", RESPONSE_WITHIN.as_secs())]
    Late,
    #[error(transparent)]
    Request(#[from] http::Error),
    #[error("no response: {0}")]
    Connection(#[from] hyper_util::client::legacy::Error),
    #[error("the response was cut off: {0}")]
    Cut(#[from] hyper::Error),
    #[error("cannot get a token: {0}")]
    Token(#[from] TokenError),
}

impl Api {
    /// Returns the API of the runner at that host and port, with a token for `person`.
    pub(super) async fn login(runner: &str, person: Value) -> Result<Self, TokenError> {
        let token = token::of(runner, &person).await?;
        let http = Client::builder(TokioExecutor::new()).build_http();
        Ok(Self { runner: runner.to_owned(), person, token, http })
    }

    /// Makes a request. A token that is not accepted any more is replaced.
    pub(super) async fn request(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Answer {
        let exchange = async {
            let (status, response) = self.exchange(&method, path, body).await?;
            if status != StatusCode::UNAUTHORIZED {
                return Ok((status, response));
            }
            self.token = token::of(&self.runner, &self.person).await?;
            self.exchange(&method, path, body).await
        };
        match timeout(RESPONSE_WITHIN, exchange).await.unwrap_or(Err(RequestError::Late)) {
            Ok((status, body)) => answer(status, body),
            Err(error) => Answer::Failed(error.to_string()),
        }
    }

    async fn exchange(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, Value), RequestError> {
        let uri = Uri::builder().scheme("http").authority(&*self.runner).path_and_query(path);
        let request = Request::builder()
            .method(method)
            .uri(uri.build()?)
            .header(AUTHORIZATION, format!("Bearer {}", self.token));
        let request = match body {
            Some(body) => request
                .header(CONTENT_TYPE, "application/json")
                .body(Full::new(Bytes::from(body.to_string())))?,
            None => request.body(Full::default())?,
        };
        let response = self.http.request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
    }
}

/// Returns the answer of a response. After too many requests, and after an error of the server,
/// the request can be repeated.
fn answer(status: StatusCode, body: Value) -> Answer {
    if status.is_success() {
        return Answer::Done(body);
    }
    let detail = problem::described(&body);
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Answer::Failed(detail);
    }
    Answer::Refused { status: status.as_u16(), detail }
}
