//! The API explorer of the runner: Swagger UI over `/openapi.json`, with a form that gets a
//! token from the runner's issuer. Its files come with the crate; the page loads nothing else.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::sync::OnceLock;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;
use zip::result::ZipResult;

#[cfg(test)]
mod tests;

/// Swagger UI sets styles on its elements and has images in its stylesheet, so both are allowed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// The files of Swagger UI, once they are unpacked.
static STYLE: OnceLock<Bytes> = OnceLock::new();
static SCRIPT: OnceLock<Bytes> = OnceLock::new();

/// Serves `GET /docs` and the files that the page loads.
pub fn routes() -> Router {
    Router::new()
        .route("/docs", get(async || file(HTML, &include_bytes!("explorer.html")[..])))
        .route("/docs/explorer.css", get(async || file(CSS, &include_bytes!("explorer.css")[..])))
        .route("/docs/explorer.js", get(async || file(JS, &include_bytes!("explorer.js")[..])))
        .route("/docs/swagger-ui.css", get(async || vendored(CSS, "swagger-ui.css", &STYLE)))
        .route(
            "/docs/swagger-ui-bundle.js",
            get(async || vendored(JS, "swagger-ui-bundle.js", &SCRIPT)),
        )
}

fn file(kind: &'static str, content: impl Into<Body>) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, POLICY)];
    (headers, content.into()).into_response()
}

/// Returns a file of Swagger UI. It is unpacked once, for the first request: unpacking at the start
/// would delay the runner, and clients that take nothing would each hold a copy of their own.
fn vendored(kind: &'static str, name: &str, kept: &OnceLock<Bytes>) -> Response {
    let content = kept.get().cloned().map_or_else(|| unpack(name), Ok);
    match content {
        Ok(content) => file(kind, kept.get_or_init(|| content).clone()),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

fn unpack(name: &str) -> ZipResult<Bytes> {
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    let suffix = format!("/dist/{name}");
    let path = archive.file_names().flatten().find(|path| path.ends_with(&suffix));
    let path = path.map_or(suffix, Cow::into_owned);
    let mut content = Vec::new();
    archive.by_name(&path)?.read_to_end(&mut content)?;
    Ok(content.into())
}
