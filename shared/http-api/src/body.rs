//! JSON request bodies.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use super::{Problem, ProblemKind, json};

/// The maximum size of a body, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A body that is JSON and not too large. Its fields are validated later, once the caller's
/// access has been checked.
#[derive(Debug)]
pub struct JsonBody {
    /// The body as it was received.
    pub bytes: Bytes,
    pub value: Value,
}

/// A body that may be omitted; an omitted body is treated as `{}`.
#[derive(Debug)]
pub struct OptionalJsonBody(pub JsonBody);

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request).await?;
        Self::read(is_json, bytes)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request).await?;
        if bytes.is_empty() {
            return Ok(Self(JsonBody { bytes, value: Value::Object(Map::new()) }));
        }
        JsonBody::read(is_json, bytes).map(Self)
    }
}

impl JsonBody {
    fn read(is_json: bool, bytes: Bytes) -> Result<Self, Problem> {
        if !is_json {
            let detail = "Send the body with Content-Type: application/json.";
            return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
        }
        let value = json::parse(&bytes).map_err(|error| {
            Problem::new(ProblemKind::InvalidJson, format!("The body is not valid JSON: {error}."))
        })?;
        Ok(Self { bytes, value })
    }
}

async fn bytes(request: Request) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), MAX_BYTES).await.map_err(|_| {
        Problem::new(ProblemKind::TooLarge, "A request body can be at most 65536 bytes.")
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = content_type.and_then(|it| it.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
