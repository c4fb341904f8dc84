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

/// Responds with the stages of an order, their time limits, and the next limit to expire.
pub(super) async fn timeline(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    OrderPath(id): OrderPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    app.seen(principal, id).await?;
    query.finish()?;
    let timeline = app.db.timeline(id).await?;
    let timeline = timeline.filter(|it| visibility::sees(principal, &it.order));
    let timeline = timeline.ok_or_else(Problem::not_found)?;
    let view = visibility::timeline(principal, &timeline, app.clock.now()).ok_or_else(forbidden)?;
    Ok(Json(view).into_response())
}

fn forbidden() -> Problem {
    let detail = "Only operations, support and the merchant can see an order's timeline.";
    Problem::new(ProblemKind::Forbidden, detail)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().and_then(|sample| {
        let timeline = Timeline::of(sample.order.id, &sample.events).ok()?;
        let now = sample.order.created_at.plus_seconds(90);
        Some(json!(visibility::timeline(&sample.principal, &timeline, now)))
    });
    it.is("getTimeline", "Orders", "Get an order's timeline")
        .about(
            "For operations, support and the merchant. A stage is one stay in an open status; an \
             order that enters a status twice has two stages. A stage's limit is the one in force \
             when the order was created: the merchant's, or else the workflow's.",
        )
        .responds::<TimelineView>(StatusCode::OK, "The order's stages, in order of time.", &[])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
        .refuses_as(forbidden())
}
