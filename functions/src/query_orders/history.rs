//! `GET /orders/{id}/history`.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};
use shared::auth::Caller;
use shared::domain::{Version, visibility};
use shared::http::{OrderPath, Problem, QueryParameters};
use shared::store::Position;

use crate::app::App;

/// The most events on a page. An event is at most about 15 KB, a proposal of the ten
/// substitutions that an order may have 40 KB, and a function's answer at most 6 MB.
const PAGE: u64 = 200;

/// What happened to an order, as the caller sees it, oldest first.
pub(super) async fn history(
    State(app): State<App>,
    caller: Caller,
    OrderPath(id): OrderPath,
    mut query: QueryParameters,
) -> Result<Json<Value>, Problem> {
    let principal = &caller.principal;
    let order = app.store.head(id).await?.ok_or_else(Problem::not_found)?.order;
    if !visibility::sees(principal, &order) {
        return Err(Problem::not_found());
    }
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    query.finish()?;
    let bound_to = format!("history of {id}");
    let after = match cursor {
        None => Version(0),
        Some(cursor) => version(&app.cursors.verify(&cursor, principal, &bound_to)?),
    };
    let until = Version(after.0 + PAGE).min(order.version);
    let events = app.store.history(id, order.workflow, after, until).await?;
    let events = events.iter().filter_map(|event| visibility::event(principal, &order, event));
    let events: Vec<_> = events.collect();
    let position = (until < order.version).then(|| Position::new(until.to_string()));
    let next = position.map(|position| app.cursors.sign(&position, principal, &bound_to));
    Ok(Json(json!({ "order_id": id, "events": events, "next": next })))
}

/// Reads what was signed here, so it is a version.
fn version(position: &Position) -> Version {
    Version(position.as_str().parse().unwrap_or_default())
}
