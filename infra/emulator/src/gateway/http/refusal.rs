//! The responses of API Gateway itself, in its own format.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::json;

use super::AuthorizerError;
use crate::invoke::FunctionError;

/// The reason why a request gets no response from a function. The body is `{"message": …}`, which
/// an HTTP API does not let you customise.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400: the body is incomplete.
    BadRequest,
    /// 401: the token is missing or cannot be verified.
    Unauthorized,
    /// 404: no route matches.
    NotFound,
    /// 408: the body took more than 10 seconds to arrive.
    BodyTooSlow,
    /// 413: the body exceeds its route's bound, or the event exceeds the 6 MB that Lambda accepts.
    BodyTooLarge,
    /// 429: too many requests, or too large bodies, are in flight, or the route's limit is reached.
    Throttled,
    /// 431: the request line and headers exceed 10,240 bytes.
    HeadTooLarge,
    /// 500: the function failed, or its result is not a response.
    IntegrationFailure,
    /// 503: the function took more than 30 seconds.
    IntegrationTimeout,
}

impl Refusal {
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
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
            Self::BodyTooSlow => "Request Timeout",
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
