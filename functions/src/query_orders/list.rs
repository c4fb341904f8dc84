//! `GET /orders`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::LINK;
use serde_json::json;
use shared::auth::Caller;
use shared::domain::visibility;
use shared::http::{Problem, QueryParameters};

use super::filter;
use crate::app::App;

/// The orders that are asked for, as far as the caller sees them.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "limit"]));
    let (filter, direction) = (filter::filter(&mut query), filter::direction(&mut query));
    let limit = filter::limit(&mut query);
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    query.finish()?;
    let after = cursor.map(|cursor| app.cursors.verify(&cursor, principal, &bound)).transpose()?;
    let filter = filter.within(principal)?;
    let now = app.clock.now();
    let page = app.store.orders(&filter, direction, after.as_ref(), limit, now).await?;
    let orders = page.orders.iter();
    let orders: Vec<_> =
        orders.filter_map(|order| visibility::order(principal, order, None)).collect();
    let next = page.next.map(|position| app.cursors.sign(&position, principal, &bound));
    let link = next.as_ref().and_then(|cursor| link("/orders", &asked, cursor));
    let mut response = Json(json!({ "orders": orders, "next": next })).into_response();
    response.headers_mut().extend(link.map(|link| (LINK, link)));
    Ok(response)
}

/// Where the next page is (RFC 8288).
pub(super) fn link(path: &str, asked: &str, cursor: &str) -> Option<HeaderValue> {
    let and = if asked.is_empty() { "" } else { "&" };
    HeaderValue::try_from(format!("<{path}?{asked}{and}cursor={cursor}>; rel=\"next\"")).ok()
}
