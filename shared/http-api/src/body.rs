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
        let media_type = check_media_type(request.headers());
        let bytes = bytes(request).await?;
        media_type?;
        Self::read(bytes)
    }
}

impl<S: Send + Sync> FromRequest<S> for OptionalJsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let media_type = check_media_type(request.headers());
        let bytes = bytes(request).await?;
        if bytes.is_empty() {
            return Ok(Self(JsonBody { bytes, value: Value::Object(Map::new()) }));
        }
        media_type?;
        JsonBody::read(bytes).map(Self)
    }
}

impl JsonBody {
    fn read(bytes: Bytes) -> Result<Self, Problem> {
        let value = json::parse(&bytes).map_err(|error| not_json(&error))?;
        Ok(Self { bytes, value })
    }
}

async fn bytes(request: Request) -> Result<Bytes, Problem> {
    to_bytes(request.into_body(), MAX_BYTES).await.map_err(|_| too_large())
}

pub(crate) fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemKind::InvalidJson, format!("The body is not valid JSON: {error}."))
}

pub(crate) fn too_large() -> Problem {
    Problem::new(ProblemKind::TooLarge, "A request body can be at most 65536 bytes.")
}

/// Rejects a media type other than JSON.
pub(crate) fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
    let media_type = content_type.and_then(|it| it.split(';').next()).unwrap_or_default();
    if media_type.trim().eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let detail = "Send the body with Content-Type: application/json.";
    Err(Problem::new(ProblemKind::UnsupportedMediaType, detail))
}
