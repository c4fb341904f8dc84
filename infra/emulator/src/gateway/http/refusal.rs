//! What API Gateway answers by itself, in its own shape.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::AuthorizerError;
use crate::invoke::FunctionError;

/// Why no function's answer is passed on: `{"message": …}`, which an HTTP API
/// cannot be told to change.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: a body that breaks off.
    BadRequest,
    /// 401: no token, or none that verifies.
    Unauthorized,
    /// 404: no route.
    NotFound,
    /// 413: a body over 10 MB, or an event over the 6 MB that Lambda takes.
    BodyTooLarge,
    /// 429: too many requests are in flight.
    Throttled,
    /// 431: a request line and headers over 10,240 bytes.
    HeadTooLarge,
    /// 500: the function failed, or answered what is no answer.
    IntegrationFailure,
    /// 503: the function took over 30 seconds.
    IntegrationTimeout,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Throttled => StatusCode::TOO_MANY_REQUESTS,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::IntegrationFailure => StatusCode::INTERNAL_SERVER_ERROR,
            Self::IntegrationTimeout => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::BadRequest => "Bad Request",
            Self::Unauthorized => "Unauthorized",
            Self::NotFound => "Not Found",
            Self::BodyTooLarge => "Request Entity Too Large",
            Self::Throttled => "Too Many Requests",
            Self::HeadTooLarge => "Request Header Fields Too Large",
            Self::IntegrationFailure => "Internal Server Error",
            Self::IntegrationTimeout => "Service Unavailable",
        }
    }
}

impl From<AuthorizerError> for Refusal {
    fn from(error: AuthorizerError) -> Self {
        tracing::info!(%error, "a token was rejected");
        Self::Unauthorized
    }
}

impl From<FunctionError> for Refusal {
    fn from(error: FunctionError) -> Self {
        if error.is_too_large() { Self::BodyTooLarge } else { Self::IntegrationFailure }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut headers = HeaderMap::new();
        if self == Self::Unauthorized {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        (self.status(), headers, Json(json!({ "message": self.message() }))).into_response()
    }
}
