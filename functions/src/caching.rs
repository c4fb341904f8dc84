//! The storage of responses by clients: a browser may keep the JSON or the page of a GET and must
//! ask before each use; nothing else may be kept, unless its handler says so.

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

/// States how long a response may be kept. A response to a GET that may be kept gets an entity tag,
/// and is 304 for a client that has it.
pub(crate) async fn cached(request: Request, next: Next) -> Response {
    let condition = IfNoneMatch::read(request.headers());
    let is_read = request.method() == Method::GET;
    let response = next.run(request).await;
    let stated = response.headers().get(CACHE_CONTROL).cloned();
    let caching = stated.or_else(|| is_document(&response).then_some(ASK_FIRST));
    if let Some(caching) = caching.filter(|_| is_read && response.status() == StatusCode::OK) {
        let kept = match condition {
            Ok(condition) => revalidated(response, &condition, caching).await,
            Err(problem) => Err(problem),
        };
        return kept.unwrap_or_else(|problem| with_caching(problem.into_response(), NO_STORE));
    }
    with_caching(response, NO_STORE)
}

fn is_document(response: &Response) -> bool {
    let media_type = response.headers().get(CONTENT_TYPE);
    media_type.is_some_and(|it| it == "application/json" || it.as_bytes().starts_with(b"text/html"))
}

fn with_caching(mut response: Response, value: HeaderValue) -> Response {
    response.headers_mut().insert(CACHE_CONTROL, value);
    response
}

/// Adds the entity tag of the body, and leaves the body out if the client has it.
async fn revalidated(
    response: Response,
    condition: &IfNoneMatch,
    caching: HeaderValue,
) -> Result<Response, Problem> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(Problem::from_fault)?;
    let vary = parts.headers.get(VARY).cloned();
    let tag = etag_of_body(parts.headers.get(ETAG), &body);
    let response = if condition.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::from_parts(parts, Body::from(body))
    };
    // Another token is another caller, who may see the order differently.
    let vary = vary.unwrap_or(HeaderValue::from_static("authorization"));
    let mut response = with_caching(response, caching);
    response.headers_mut().insert(VARY, vary);
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}
