//! Reading orders: one, its history, and lists; and whether we are well.

mod export;
mod filter;
mod history;
mod list;

use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use serde_json::{Value, json};
use shared::auth::Caller;
use shared::domain::{OrderId, visibility};
use shared::http::{OrderPath, Problem, QueryParameters};

use crate::app::{App, serve};
use crate::{Environment, answer};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new()
        .route("/orders", get(list::list))
        .route("/orders/export", get(export::export))
        .route("/orders/{id}", get(one))
        .route("/orders/{id}/history", get(history::history))
        .route("/health", get(health));
    serve(env, routes)
}

async fn one(
    State(app): State<App>,
    caller: Caller,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let (head, details) = tokio::try_join!(app.store.head(id), app.store.details(id))?;
    let order = head.ok_or_else(Problem::not_found)?.order;
    if !visibility::sees(&caller.principal, &order) {
        return Err(Problem::not_found());
    }
    query.finish()?;
    Ok(answer::order(StatusCode::OK, &caller.principal, &order, details.as_ref()))
}

/// Reads the table where no order is: 200 if it answers.
async fn health(State(app): State<App>) -> Result<Json<Value>, Problem> {
    app.store.head(OrderId::NIL).await?;
    Ok(Json(json!({ "status": "ok" })))
}
