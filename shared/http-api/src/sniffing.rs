//! The header that every response has.

use axum::response::Response;
use http::HeaderValue;
use http::header::X_CONTENT_TYPE_OPTIONS;

/// Forbids a browser to take a response for another media type than the declared one: a text in
/// it, which a caller chose, never becomes a page or a script.
/// <https://fetch.spec.whatwg.org/#x-content-type-options-header>
pub async fn nosniff(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
