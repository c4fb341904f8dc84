//! The storage of responses by clients: a browser may keep the JSON of a GET and must ask before
//! each use; nothing else may be kept.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, Method, StatusCode};
use http_api::{IfNoneMatch, Problem, etag_of_body};

/// Nothing may keep the response: it carries a secret, many orders at once, or a change.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Only the caller's own client may keep the response, and has to ask before each use.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("private, no-cache");

/// States how long a response may be kept. The JSON of a GET gets an entity tag, and is 304 for a
/// client that has it.
pub(crate) async fn cached(request: Request, next: Next) -> Response {
    let condition = IfNoneMatch::read(request.headers());
    let is_read = request.method() == Method::GET;
    let response = next.run(request).await;
    if is_read && response.status() == StatusCode::OK && is_json(&response) {
        let kept = match condition {
            Ok(condition) => revalidated(response, &condition).await,
            Err(problem) => Err(problem),
        };
        return kept.unwrap_or_else(|problem| with_caching(problem.into_response(), NO_STORE));
    }
    with_caching(response, NO_STORE)
}

fn is_json(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == "application/json")
}

fn with_caching(mut response: Response, value: HeaderValue) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, value);
    response
}

/// Adds the entity tag of the body, and leaves the body out if the client has it.
async fn revalidated(response: Response, condition: &IfNoneMatch) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Problem::from_fault)?;
    let tag = etag_of_body(parts.headers.get(ETAG), &body);
    let response = if condition.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::from_parts(parts, Body::from(body))
    };
    let mut response = with_caching(response, ASK_FIRST);
    // Another token is another caller, who may see the order differently.
    response.headers_mut().insert(VARY, HeaderValue::from_static("authorization"));
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}
