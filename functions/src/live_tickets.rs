//! `POST /live/tickets`: a ticket for a client that cannot send a header with
//! its WebSocket handshake, as a browser.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use http::StatusCode;
use http::header::CACHE_CONTROL;
use serde_json::json;
use shared::auth::Caller;
use shared::http::Problem;
use shared::store::Ticket;

use crate::Environment;
use crate::app::{App, serve};

/// How long a ticket waits for its one use.
const LIFETIME_SECONDS: i64 = 60;

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new().route("/live/tickets", post(issue));
    serve(env, routes)
}

async fn issue(State(app): State<App>, caller: Caller) -> Result<Response, Problem> {
    let ends = app.clock.now().plus_seconds(LIFETIME_SECONDS).min(caller.expires_at);
    let ticket = Ticket::random();
    app.store.issue_ticket(&ticket, &caller.principal, ends, caller.expires_at).await?;
    let body = Json(json!({ "ticket": ticket.reveal(), "expires_at": ends }));
    Ok((StatusCode::CREATED, [(CACHE_CONTROL, "no-store")], body).into_response())
}
