//! Reading orders: one, its history and its times, lists, and reports; and whether we are
//! well.

mod export;
mod filter;
mod history;
mod list;
mod listing;
mod service_levels;
mod timeline;

use axum::extract::State;
use axum::response::Response;
use axum::{Json, Router};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;
use shared::auth::Caller;
use shared::domain::OrderId;
use shared::domain::visibility::{self, OrderView};
use shared::http::{OrderPath, Problem, ProblemKind, QueryParameters};

use crate::app::{App, serve};
use crate::contract::{Header, Sample};
use crate::routes::{Method, Routes};
use crate::{Environment, response};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    serve(env, routes(Router::new()))
}

pub(crate) fn routes<R: Routes>(routes: R) -> R {
    let routes = routes.route(Method::Get, "/orders", list::list, list::describe);
    let routes = routes.route(Method::Get, "/orders/export", export::export, export::describe);
    let routes = routes.route(Method::Get, "/orders/{id}", one, |it| {
        it.is("getOrder", "Orders", "One order, with its details")
            .responds::<OrderView<'_>>(StatusCode::OK, "The order.", &[Header::ETag])
            .example(StatusCode::OK, Sample::new().as_ref().map(Sample::view))
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let history = "/orders/{id}/history";
    let routes = routes.route(Method::Get, history, history::history, history::describe);
    let timeline = "/orders/{id}/timeline";
    let routes = routes.route(Method::Get, timeline, timeline::timeline, timeline::describe);
    let levels = "/reports/service-levels";
    let routes =
        routes.route(Method::Get, levels, service_levels::report, service_levels::describe);
    routes.route(Method::Get, "/health", health, |it| {
        it.is("getHealth", "Health", "Whether the tables answer").public().responds::<Health>(
            StatusCode::OK,
            "They do.",
            &[],
        )
    })
}

async fn one(
    State(app): State<App>,
    caller: Caller,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let (head, details) = tokio::try_join!(app.db.head(id), app.db.details(id))?;
    let order = head.ok_or_else(Problem::not_found)?.order;
    if !visibility::sees(&caller.principal, &order) {
        return Err(Problem::not_found());
    }
    query.finish()?;
    Ok(response::order(StatusCode::OK, &caller.principal, &order, details.as_ref()))
}

/// Reads the table where no order is: 200 if it answers.
async fn health(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.db.head(OrderId::NIL).await?;
    Ok(Json(Health { status: "ok" }))
}

#[derive(Serialize, JsonSchema)]
struct Health {
    status: &'static str,
}
