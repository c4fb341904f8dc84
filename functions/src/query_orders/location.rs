//! `GET /orders/{id}/location`.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use clock::Timestamp;
use db::{Consistency, Whereabouts};
use domain::visibility::{self, PositionState, PositionView, Source};
use domain::{Order, OrderId, Principal};
use http::StatusCode;
use http_api::{Authenticated, OrderPath, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::app::App;
use crate::describe::{Endpoint, sample_position};

/// The position of an order's driver.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DriverLocation")]
pub(super) struct LocationView {
    order_id: OrderId,
    state: PositionState,
    /// Absent unless you see the position now.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<PositionView>,
    /// The age of the position, in seconds, rounded up.
    #[serde(skip_serializing_if = "Option::is_none")]
    age_seconds: Option<u64>,
}

/// Responds with the position of the order's driver, or the reason why there is none.
pub(super) async fn location(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Json<LocationView>, Problem> {
    let order = app.seen(&caller.principal, id).await?;
    query.finish()?;
    let driver = order.driver.as_ref().filter(|_| order.is_open());
    let at = match driver {
        Some(driver) => app.db.whereabouts(driver).await?,
        None => None,
    };
    let Some(at) = at else {
        return Ok(Json(view(&caller.principal, &order, None, app.clock.now())));
    };
    // The order is read again, after the position: the driver must have it still.
    let orders = orders(&app, &at, id).await?;
    let order = orders.iter().find(|order| order.id == id);
    let order = order.filter(|order| visibility::sees(&caller.principal, order));
    let order = order.ok_or_else(Problem::not_found)?;
    let last = at.last.as_ref();
    let fix = last.and_then(|last| last.fix.as_ref());
    let stops = last.map(|last| &*last.stops).unwrap_or_default();
    let source = Source::new(&at.roster, fix, stops, &orders);
    Ok(Json(view(&caller.principal, order, Some(&source), app.clock.now())))
}

/// Reads an order and the others of its driver.
async fn orders(app: &App, at: &Whereabouts, id: OrderId) -> Result<Vec<Order>, Problem> {
    let ids: BTreeSet<_> = at.roster.orders.iter().copied().chain([id]).collect();
    let ids: Vec<_> = ids.into_iter().collect();
    let heads = app.db.heads(&ids, Consistency::Strong).await?;
    Ok(heads.into_values().map(|head| head.order).collect())
}

fn view(
    principal: &Principal,
    order: &Order,
    source: Option<&Source<'_>>,
    now: Timestamp,
) -> LocationView {
    let order_id = order.id;
    match visibility::position(principal, order, source, now) {
        Ok((shown, precision)) => LocationView {
            order_id,
            state: shown.state(now),
            position: Some(shown.view(precision)),
            age_seconds: Some(shown.age_s(now)),
        },
        Err(state) => LocationView { order_id, state, position: None, age_seconds: None },
    }
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = sample_position().map(|(order_id, position)| {
        let state = PositionState::Current;
        json!(LocationView { order_id, state, position: Some(position), age_seconds: Some(4) })
    });
    it.is("getLocation", "Orders", "Get the position of an order's driver")
        .about(
            "For everyone who sees the order. Customers see the position while the order is on the \
             way, and only coarsely while another delivery of the driver comes first or was made less \
             than two minutes ago. Merchants see \
             a driver of their own fleet from the pickup on, and the platform's drivers as customers \
             do; operations, support and the driver from the assignment on. Nobody sees a driver off \
             duty, or anything of an order that is closed. To follow a driver, subscribe to \
             `order:ID`: while somebody does, the driver's device sends positions more often.",
        )
        .responds::<LocationView>(StatusCode::OK, "The position, or why there is none.", &[])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
}
