//! `/dev/outbox`: a page that shows the requests of functions to the world as they happen.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Json, Router};
use emulator::transport::Attempts;

const PAGE: &str = include_str!("page.html");

/// The page has its own script and style, and reads the list from its own server.
const POLICY: &str =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'";

/// Serves the page and its list.
pub(crate) fn routes(attempts: Attempts) -> Router {
    let page = async || ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE));
    Router::new()
        .route("/dev/outbox", get(page))
        .route("/dev/outbox.json", get(list))
        .with_state(attempts)
}

async fn list(State(attempts): State<Attempts>) -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], Json(attempts.last()))
}
