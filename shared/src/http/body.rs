//! JSON bodies.

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde_json::Value;

use super::{Kind, Problem};

/// The largest body, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// A body that is JSON and not too large; what it must hold is checked later,
/// once it is clear that the caller may know.
#[derive(Debug)]
pub struct JsonBody {
    /// The body as it came.
    pub bytes: Bytes,
    /// What it says.
    pub value: Value,
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        if !content_type.is_some_and(is_json) {
            let detail = "Send the body with Content-Type: application/json.";
            return Err(Problem::new(Kind::UnsupportedMediaType, detail));
        }
        let bytes = to_bytes(request.into_body(), MAX_BYTES)
            .await
            .map_err(|_| Problem::new(Kind::TooLarge, "A body may have at most 65536 bytes."))?;
        let value = serde_json::from_slice(&bytes).map_err(|error| {
            Problem::new(Kind::InvalidJson, format!("The body is not JSON: {error}."))
        })?;
        Ok(Self { bytes, value })
    }
}

fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/json")
}
