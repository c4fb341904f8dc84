//! Pages that are made of the code: the contract for people (`GET /docs`, which only the
//! runner answers), and the workflows (docs/workflows.md).

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use document::Document;
use functions::contract::{asyncapi, openapi};
use http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

mod bounds;
mod curl;
mod document;
mod fields;
mod live;
mod operation;
mod page;
mod parts;
mod responses;
mod schema;
#[cfg(test)]
mod tests;
pub mod workflows;

const STYLE: &str = include_str!("style.css");

/// `GET /docs`; the page's commands go to `url`, which has no slash at its end.
pub fn routes(url: String) -> Router {
    Router::new().route("/docs", get(show)).with_state(Arc::from(url))
}

async fn show(State(url): State<Arc<str>>) -> impl IntoResponse {
    let (openapi, asyncapi) = (openapi().document, asyncapi().document);
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (CONTENT_SECURITY_POLICY, policy()),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (headers, page::page(Document(&openapi), Document(&asyncapi), &url).into_string())
}

/// Nothing is loaded, run or sent: the page has one stylesheet, which is in it.
fn policy() -> String {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}
