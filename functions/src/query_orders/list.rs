//! `GET /orders`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::visibility::{self, OrderView};
use http::StatusCode;
use http_api::{Authenticated, BasePath, Cursor, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Reader;
use super::filter;
use super::listing::{Found, Listing, link};
use crate::describe::{Endpoint, Header, Sample};

/// A page of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OrdersPage")]
pub(super) struct Page<'a> {
    /// The orders of this page: fewer than `limit`, even none, if some of the examined orders do
    /// not match.
    pub(super) orders: Vec<OrderView<'a>>,
    /// The cursor of the next page; null on the last page.
    pub(super) next: Option<Cursor>,
}

fn take(query: &mut QueryParameters) -> (Listing, u16) {
    (Listing::take(query), filter::limit(query))
}

/// Responds with a page of the requested orders that the caller may see.
pub(super) async fn list(
    State(reader): State<Reader>,
    Authenticated(caller): Authenticated,
    base: BasePath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "limit"]));
    let (listing, limit) = take(&mut query);
    query.finish()?;
    let Found { orders, next } = listing.find(&reader, principal, &bound, limit).await?;
    let link = link(&base, "/orders", &asked, next.as_ref())?;
    let views = orders.iter().filter_map(|order| visibility::order(principal, order, None));
    let mut response = Json(Page { orders: views.collect(), next }).into_response();
    response.headers_mut().extend(link);
    Ok(response)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().map(|sample| json!({ "orders": [sample.head()], "next": null }));
    it.is("listOrders", "Orders", "List orders")
        .about(
            "Lists the orders visible to you; by default the open ones, newest first. `status` can \
             be repeated. `from` (inclusive) and `to` (exclusive) filter by `created_at`; without a \
             `merchant` or `status` they can span at most 366 days. `store`, `customer` and \
             `external_id` require `merchant`. A list of closed orders requires `merchant`, closed \
             statuses, or `from`. A query that no index can serve is rejected with the reason. \
             Orders are sorted by creation; a list of a single open status, or of closed statuses, \
             is sorted by the time orders entered the status. An order that matches throughout the \
             listing appears on exactly one page.",
        )
        .query(take)
        .responds::<Page<'_>>(StatusCode::OK, "A page of orders.", &[Header::Link])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::InvalidCursor])
}
