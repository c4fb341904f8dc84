//! `GET /orders/{id}/allowed`.

use axum::Json;
use axum::extract::State;
use domain::{Allowed, Operation, Order, OrderId, Principal, Status, Version};
use http::StatusCode;
use http_api::{Authenticated, OrderPath, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::describe::{Endpoint, Sample};

/// The steps that a caller may take with an order.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AllowedSteps")]
pub(super) struct AllowedView {
    order_id: OrderId,
    version: Version,
    status: Status,
    /// The statuses that `PATCH /orders/{id}/status` may lead to.
    allowed: Vec<Status>,
    /// The operations of `POST /orders/{id}/OPERATION`.
    operations: Vec<Operation>,
}

/// Responds with the steps that the caller may take now.
pub(super) async fn allowed(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Json<AllowedView>, Problem> {
    let order = app.seen(&caller.principal, id).await?;
    query.finish()?;
    Ok(Json(view(&caller.principal, &order)))
}

fn view(principal: &Principal, order: &Order) -> AllowedView {
    let Allowed { statuses, operations } = Allowed::to(principal, order);
    let Order { id: order_id, version, status, .. } = *order;
    AllowedView { order_id, version, status, allowed: statuses, operations }
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().map(|sample| json!(view(&sample.principal, &sample.order)));
    it.is("getAllowed", "Orders", "Get the steps that you may take with an order")
        .about(
            "The transitions of the order's workflow that your role may make from its current \
             status: what a refusal of a step lists, before you try. A step can still be refused \
             for another reason, such as a driver who is off duty.",
        )
        .responds::<AllowedView>(StatusCode::OK, "The steps.", &[])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
}
