//! Reading orders: one, its history, and the open ones; and whether we are well.

mod list;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use shared::auth::Caller;
use shared::domain::{OrderId, Version, visibility};
use shared::http::{OrderPath, Problem};

use crate::app::{App, method_not_allowed, not_found};
use crate::{Environment, answer};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    Router::new()
        .route("/orders", get(list::list))
        .route("/orders/{id}", get(one))
        .route("/orders/{id}/history", get(history))
        .route("/health", get(health))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(App::new(env))
}

async fn one(
    State(app): State<App>,
    caller: Caller,
    OrderPath(id): OrderPath,
) -> Result<Response, Problem> {
    let (head, details) = tokio::try_join!(app.store.head(id), app.store.details(id))?;
    let order = head.ok_or_else(Problem::not_found)?.order;
    if !visibility::sees(&caller.principal, &order) {
        return Err(Problem::not_found());
    }
    Ok(answer::order(StatusCode::OK, &caller.principal, &order, details.as_ref()))
}

async fn history(
    State(app): State<App>,
    caller: Caller,
    OrderPath(id): OrderPath,
) -> Result<Json<Value>, Problem> {
    let principal = &caller.principal;
    let order = app.store.head(id).await?.ok_or_else(Problem::not_found)?.order;
    if !visibility::sees(principal, &order) {
        return Err(Problem::not_found());
    }
    let events = app.store.history(id, order.workflow, Version(0), order.version).await?;
    let events = events.iter().filter_map(|event| visibility::event(principal, &order, event));
    let events = events.collect::<Vec<_>>();
    Ok(Json(json!({ "order_id": id, "events": events, "next": null })))
}

/// Reads the table where no order is: 200 if it answers.
async fn health(State(app): State<App>) -> Result<Json<Value>, Problem> {
    app.store.head(OrderId::NIL).await?;
    Ok(Json(json!({ "status": "ok" })))
}
