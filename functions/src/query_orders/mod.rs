//! Read access to orders: one order, the steps that are allowed, its history, timeline, track and
//! location, lists, exports and reports; and the health check.

mod allowed;
mod export;
mod filter;
mod history;
mod list;
mod listing;
mod location;
mod service_levels;
mod timeline;
mod track;

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use db::Consistency;
use domain::visibility::{self, OrderView};
use domain::{Courier, Details, Order, OrderId, Principal, Store};
use http::StatusCode;
use http_api::{Authenticated, OrderPath, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::{App, Reader};
use crate::describe::Sample;
use crate::response;
use crate::routes::{Method, Routes};

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Reader>>(routes: R) -> R {
    let routes = routes.route(Method::Get, "/orders", list::list, list::describe);
    let routes = routes.route(Method::Get, "/orders/export", export::export, export::describe);
    let routes = routes.route(Method::Get, "/orders/{id}", one, |it| {
        it.is("getOrder", "Orders", "Get an order")
            .about(
                "With the personal data that you may see. The pickup of an order that has a store \
                 and no `addresses.pickup` of its own is the address of its store, as \
                 `addresses.pickup` and `addresses.pickup_name`, if the store has a record. Only \
                 the customer sees the `courier`, and only while the order is on the way with a \
                 registered driver.",
            )
            .responds::<OrderView<'_>>(StatusCode::OK, "The order.", &[])
            .example(StatusCode::OK, Sample::new().as_ref().map(Sample::view))
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let allowed = "/orders/{id}/allowed";
    let routes = routes.route(Method::Get, allowed, allowed::allowed, allowed::describe);
    let history = "/orders/{id}/history";
    let routes = routes.route(Method::Get, history, history::history, history::describe);
    let location = "/orders/{id}/location";
    let routes = routes.route(Method::Get, location, location::location, location::describe);
    let timeline = "/orders/{id}/timeline";
    let routes = routes.route(Method::Get, timeline, timeline::timeline, timeline::describe);
    let routes = routes.route(Method::Get, "/orders/{id}/track", track::track, track::describe);
    let levels = "/reports/service-levels";
    let routes =
        routes.route(Method::Get, levels, service_levels::report, service_levels::describe);
    routes.route(Method::Get, "/health", health, |it| {
        it.is("getHealth", "Health", "Check health").public().responds::<Health>(
            StatusCode::OK,
            "The tables respond.",
            &[],
        )
    })
}

async fn one(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let order = app.seen(&caller.principal, id).await?;
    query.finish()?;
    let details = app.db.details(id).await?;
    let store = pickup(&app, &order, details.as_ref()).await?;
    let courier = courier(&app, &caller.principal, &order).await?;
    response::read(&caller.principal, &order, details.as_ref(), store.as_ref(), courier.as_ref())
}

/// Reads the store that the order is picked up at, for half a unit. A change of the store may take
/// a second to show.
async fn pickup(
    app: &App,
    order: &Order,
    details: Option<&Details>,
) -> Result<Option<Store>, Problem> {
    let Some(store) = order.picked_up_at(details) else { return Ok(None) };
    let stored = app.db.store(&order.placed.merchant, store, Consistency::Eventual).await?;
    Ok(stored.map(|stored| stored.store))
}

/// Reads the driver whom the principal sees as the courier, for half a unit. A change of the driver's
/// record may take a second to show.
async fn courier(
    app: &App,
    principal: &Principal,
    order: &Order,
) -> Result<Option<Courier>, Problem> {
    let Some(driver) = visibility::courier(principal, order) else { return Ok(None) };
    Ok(app.db.courier(driver).await?)
}

/// Responds with 200 if the table responds. Reads an order that does not exist.
async fn health(State(app): State<App>) -> Result<Json<Health>, Problem> {
    app.db.head(OrderId::NIL).await?;
    Ok(Json(Health { status: "ok" }))
}

/// The health of the service.
#[derive(Serialize, JsonSchema)]
struct Health {
    status: &'static str,
}
