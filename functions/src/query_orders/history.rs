//! `GET /orders/{id}/history`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::Position;
use domain::visibility::{self, EventView};
use domain::{OrderId, Version};
use http::StatusCode;
use http_api::{Authenticated, Cursor, OrderPath, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Reader;
use crate::describe::{Endpoint, Sample};

/// The maximum number of events on a page. An event is at most about 15 KB, the proposals of all
/// substitutions that an order may have 65 KB together, and a function's response at most 6 MB.
const PAGE: u64 = 200;

/// A page of an order's history.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "HistoryPage")]
pub(super) struct History<'a> {
    order_id: OrderId,
    /// The events of this page, oldest first and without a gap in their versions.
    events: Vec<EventView<'a>>,
    /// The cursor of the next page; null on the last page.
    next: Option<Cursor>,
}

/// Responds with a page of the order's events that the caller may see, oldest first.
pub(super) async fn history(
    State(Reader { app, cursors }): State<Reader>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let order = app.seen(principal, id).await?;
    let after = Cursor::take(&mut query);
    query.finish()?;
    let bound_to = format!("history of {id}");
    let after = match after {
        None => Version(0),
        Some(cursor) => version(&cursors.open(&cursor, principal, &bound_to)?)?,
    };
    let until = Version(after.0 + PAGE).min(order.version);
    let events = app.db.history(id, order.placed.workflow, after, until).await?;
    let views = events.iter().filter_map(|event| visibility::event(principal, &order, event));
    let position = (until < order.version).then(|| Position::new(until.to_string()));
    let seal = |position| cursors.seal(&position, principal, &bound_to);
    let next = position.map(seal).transpose()?;
    Ok(Json(History { order_id: id, events: views.collect(), next }).into_response())
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().map(
        |sample| json!({ "order_id": sample.order.id, "events": sample.events(), "next": null }),
    );
    it.is("getHistory", "Orders", "Get an order's history")
        .query(Cursor::take)
        .responds::<History<'_>>(StatusCode::OK, "A page of at most 200 events.", &[])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidCursor])
}

/// Parses the version from a position that was sealed here.
fn version(position: &Position) -> Result<Version, Problem> {
    position.as_str().parse().map(Version).map_err(Problem::from_fault)
}
