//! `@connections`: the operations of functions on connections.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html>

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{Closing, Connection, Hub, PostError};

impl Hub {
    /// Handles a request to `/{stage}/@connections/{connection id}`. A message has at most
    /// `post_bytes` bytes.
    pub fn manage(
        &self,
        stage: &str,
        request: &Request<Bytes>,
        post_bytes: usize,
    ) -> Response<Bytes> {
        let Some(id) = connection_id(stage, request.uri().path()) else {
            return failure(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden");
        };
        match *request.method() {
            Method::POST if request.body().len() > post_bytes => {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                failure(status, "PayloadTooLargeException", "Message too long")
            }
            Method::POST => self.post(&id, request.body()),
            Method::GET => match self.get(&id) {
                Some(connection) => success(StatusCode::OK, &description(&connection)),
                None => gone(),
            },
            Method::DELETE => match self.take(&id) {
                Some(connection) => {
                    connection.close(Closing::new(1000, "Connection closed by the server"));
                    success(StatusCode::NO_CONTENT, &Value::Null)
                }
                None => gone(),
            },
            _ => failure(StatusCode::FORBIDDEN, "ForbiddenException", "Forbidden"),
        }
    }

    fn post(&self, id: &str, data: &Bytes) -> Response<Bytes> {
        let posted = self.get(id).ok_or(PostError::Gone).and_then(|open| open.post(data.clone()));
        match posted {
            Ok(()) => success(StatusCode::OK, &Value::Null),
            Err(PostError::Gone) => gone(),
            Err(PostError::Full) => limit_exceeded("Too many messages waiting"),
        }
    }
}

/// Returns the response to a request beyond the account's quota, which has the same status and type
/// as the one to a post for which the connection has no room.
pub(crate) fn throttled() -> Response<Bytes> {
    limit_exceeded("Too many requests")
}

fn limit_exceeded(message: &str) -> Response<Bytes> {
    failure(StatusCode::TOO_MANY_REQUESTS, "LimitExceededException", message)
}

fn connection_id(stage: &str, path: &str) -> Option<String> {
    let path = path.strip_prefix('/')?.strip_prefix(stage)?;
    let id =
        path.strip_prefix("/@connections/").or_else(|| path.strip_prefix("/%40connections/"))?;
    Some(percent_decode_str(id).decode_utf8().ok()?.into_owned())
}

fn description(connection: &Connection) -> Value {
    json!({
        "connectedAt": connection.connected_at,
        "identity": {
            "sourceIp": connection.client.to_string(),
            "userAgent": connection.user_agent,
        },
        "lastActiveAt": connection.last_active_at(),
    })
}

fn success(status: StatusCode, body: &Value) -> Response<Bytes> {
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

fn gone() -> Response<Bytes> {
    failure(StatusCode::GONE, "GoneException", "Gone")
}

fn failure(status: StatusCode, kind: &'static str, message: &str) -> Response<Bytes> {
    let mut response = success(status, &json!({ "message": message }));
    response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static(kind));
    response
}
