//! `GET /orders`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use domain::ForAnother;
use domain::visibility::{self, OrderView};
use http::StatusCode;
use http_api::{Authenticated, BasePath, Cursor, Problem, ProblemKind, QueryParameters};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::Reader;
use super::filter;
use super::listing::{Listing, link};
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
    /// The earliest time of creation in this list, if the query has no `from` and the list is
    /// bounded to a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<Timestamp>,
}

const OFFERED: &str = "Only orders that are offered to the driver now, instead of those that the \
                       driver has; for others than the driver with `driver`.";

fn take(query: &mut QueryParameters) -> (Listing, u16) {
    let listing = Listing::take(query).offered(query.flag("offered", OFFERED));
    (listing, filter::limit(query))
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
    let reading = listing.open(&reader, principal, &bound)?;
    let page = reading.page(limit).await?;
    let (next, from) = (reading.cursor(page.next.as_ref())?, reading.from);
    let link = link(&base, "/orders", &asked, next.as_ref())?;
    let views = page.orders.iter().filter_map(|order| visibility::order(principal, order, None));
    let mut response = Json(Page { orders: views.collect(), next, from }).into_response();
    response.headers_mut().extend(link);
    Ok(response)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().map(|sample| json!({ "orders": [sample.head()], "next": null }));
    it.is("listOrders", "Orders", "List orders")
        .about(
            "Lists the orders visible to you; by default the open ones, newest first. `status` can \
             be repeated. `from` (inclusive) and `to` (exclusive) filter by `created_at`; without a \
             `merchant` or `status` they can span at most 366 days. A list of everybody's orders \
             with `state=all` or `state=closed` and without `from` covers a year; `from` in the \
             response says since when. `closed_from` (inclusive) and `closed_to` (exclusive) \
             filter by the time of closing. They, and statuses or a phase of closed orders, imply \
             `state=closed`; `external_id` and `issues` imply `state=all`. `store`, `customer` and \
             `external_id` require `merchant`. A list of a driver's closed orders requires \
             `merchant`, closed statuses, `from`, `closed_from` or `closed_to`. A query that no \
             index can serve is rejected with the reason. Orders are sorted by creation; a list of \
             a single open status, of closed statuses, or of orders closed in a period is sorted \
             by the time orders entered the status. An order that matches throughout the listing \
             appears on exactly one page.",
        )
        .query(take)
        .responds::<Page<'_>>(StatusCode::OK, "A page of orders.", &[Header::Link])
        .example(StatusCode::OK, example)
        .refuses(&[ProblemKind::InvalidCursor])
        .refuses_as(ForAnother)
}
