//! `GET /orders`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::LINK;
use http::{HeaderValue, StatusCode};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use shared::auth::Caller;
use shared::domain::Filter;
use shared::domain::visibility::{self, OrderView};
use shared::http::{Cursor, Kind, Problem, QueryParameters};
use shared::store::Direction;

use super::filter;
use crate::app::App;
use crate::contract::{Endpoint, Header, Sample};

/// Part of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OrdersPage")]
pub(super) struct Page<'a> {
    /// Fewer than asked for, even none, where some that were looked at do not match.
    pub(super) orders: Vec<OrderView<'a>>,
    /// Where the next page begins; null of the last one.
    pub(super) next: Option<Cursor>,
}

/// What is asked for.
pub(super) struct Query {
    filter: Filter,
    direction: Direction,
    limit: u16,
    after: Option<Cursor>,
}

impl Query {
    pub(super) fn take(query: &mut QueryParameters) -> Self {
        Self {
            filter: filter::filter(query),
            direction: filter::direction(query),
            limit: filter::limit(query),
            after: Cursor::take(query),
        }
    }
}

/// The orders that are asked for, as far as the caller sees them.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let (asked, bound) = (query.without(&["cursor"]), query.without(&["cursor", "limit"]));
    let Query { filter, direction, limit, after } = Query::take(&mut query);
    query.finish()?;
    let after = after.map(|cursor| app.cursors.open(&cursor, principal, &bound)).transpose()?;
    let filter = filter.within(principal)?;
    let now = app.clock.now();
    let page = app.store.orders(&filter, direction, after.as_ref(), limit, now).await?;
    let orders = page.orders.iter();
    let orders = orders.filter_map(|order| visibility::order(principal, order, None)).collect();
    let seal = |position| app.cursors.seal(&position, principal, &bound);
    let next = page.next.map(seal).transpose()?;
    let link = next.as_ref().map(|cursor| link("/orders", &asked, cursor)).transpose()?;
    let mut response = Json(Page { orders, next }).into_response();
    response.headers_mut().extend(link.map(|link| (LINK, link)));
    Ok(response)
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = Sample::new().map(|sample| json!({ "orders": [sample.head()], "next": null }));
    it.is("listOrders", "Orders", "Orders, page by page")
        .about(
            "Open ones, the newest first, unless it is said otherwise; of what is yours to see. \
             `status` may be given several times. `from` and `to` are of `created_at`: then or \
             later, and before; 366 days at most where neither a merchant nor a status is \
             named. `store`, `customer` and `external_id` go with a `merchant`; everybody's \
             closed orders go with `merchant`, closed statuses or `from`. What no index \
             answers is refused, and why. The order is that of creation; of one open status \
             alone, or of closed ones, it is that in which orders came there. An order that \
             matches for the whole walk is on one page.",
        )
        .query(Query::take)
        .answers::<Page<'_>>(StatusCode::OK, "A page.", &[Header::Link])
        .example(StatusCode::OK, example)
        .refuses(&[Kind::InvalidCursor])
}

/// Where the next page is (RFC 8288).
pub(super) fn link(path: &str, asked: &str, cursor: &Cursor) -> Result<HeaderValue, Problem> {
    let and = if asked.is_empty() { "" } else { "&" };
    let link = format!("<{path}?{asked}{and}cursor={cursor}>; rel=\"next\"");
    HeaderValue::try_from(link).map_err(Problem::from_fault)
}
