//! The handshake of a WebSocket (RFC 6455, section 4.2), and its refusals.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY,
    SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, StatusCode};
use hyper::upgrade::OnUpgrade;
use serde_json::json;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::IntegrationError;

/// A handshake that can be accepted.
pub(super) struct Handshake {
    /// Becomes the socket once the response is sent.
    pub(super) upgrade: OnUpgrade,
    accept: String,
}

/// The reason why a connection is refused.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-keys-connect-disconnect.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 400: the request is not a WebSocket handshake of version 13.
    BadRequest,
    /// 401: the authorizer failed with the word `Unauthorized`.
    Unauthorized,
    /// 403: the authorizer's policy does not allow the connection.
    Forbidden,
    /// 500: the authorizer failed, or its result is unusable.
    AuthorizerFailure,
    /// 502: the function of `$connect` failed.
    BadGateway,
    /// The function of `$connect` returned this status.
    Status(StatusCode),
}

/// Returns true if the client asks for a WebSocket.
pub(super) fn is_wanted(headers: &HeaderMap) -> bool {
    has_token(headers, &UPGRADE, "websocket")
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|item| item.trim().eq_ignore_ascii_case(token))
}

impl Handshake {
    pub(super) fn read(request: &mut Request) -> Result<Self, Refusal> {
        let headers = request.headers();
        let key = headers.get(SEC_WEBSOCKET_KEY).map(|key| derive_accept_key(key.as_bytes()));
        let version = headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
        let upgrade = has_token(headers, &CONNECTION, "upgrade");
        if request.method() != Method::GET || !version || !upgrade {
            return Err(Refusal::BadRequest);
        }
        let upgrade = request.extensions_mut().remove::<OnUpgrade>();
        match (key, upgrade) {
            (Some(accept), Some(upgrade)) => Ok(Self { upgrade, accept }),
            _ => Err(Refusal::BadRequest),
        }
    }

    /// Returns the 101 response; `protocol` is the subprotocol that the function of `$connect`
    /// chose.
    pub(super) fn response(&self, protocol: Option<&str>) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        for (name, value) in
            [(SEC_WEBSOCKET_ACCEPT, Some(self.accept.as_str())), (SEC_WEBSOCKET_PROTOCOL, protocol)]
        {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

impl Refusal {
    pub(super) fn connect(error: &IntegrationError) -> Self {
        tracing::error!(%error, "$connect failed");
        Self::BadGateway
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::AuthorizerFailure => (StatusCode::INTERNAL_SERVER_ERROR, "Internal server error"),
            Self::BadGateway => (StatusCode::BAD_GATEWAY, "Internal server error"),
            Self::Status(status) => return status.into_response(),
        };
        (status, Json(json!({ "message": message }))).into_response()
    }
}
