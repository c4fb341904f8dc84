//! `GET /orders/{id}/timeline`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::Timeline;
use domain::visibility::{self, TimelineView};
use http::StatusCode;
use http_api::{Authenticated, OrderPath, Problem, ProblemKind, QueryParameters};
use serde_json::json;

use crate::app::App;
use crate::describe::{Endpoint, Sample};

/// What an order went through, how long each stage might last, and what passes next.
pub(super) async fn timeline(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let timeline = app.db.timeline(id).await?.ok_or_else(Problem::not_found)?;
    if !visibility::sees(principal, &timeline.order) {
        return Err(Problem::not_found());
    }
    query.finish()?;
    let view = visibility::timeline(principal, &timeline, app.clock.now()).ok_or_else(|| {
        let detail = "Operations, support and the merchant see how an order keeps its times.";
        Problem::new(ProblemKind::Forbidden, detail)
    })?;
    Ok(Json(view).into_response())
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().and_then(|sample| {
        let timeline = Timeline::of(sample.order.id, &sample.events).ok()?;
        let now = sample.order.created_at.plus_seconds(90);
        Some(json!(visibility::timeline(&sample.principal, &timeline, now)))
    });
    it.is("getTimeline", "Orders", "How an order keeps its times, stage by stage")
        .about(
            "For operations, support and the merchant. A stage is a stay in an open status; an \
             order that comes to a status twice has two. Its limit is that which the order was \
             placed on: the merchant's, or its workflow's.",
        )
        .responds::<TimelineView>(StatusCode::OK, "Its stages, in order.", &[])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
}
