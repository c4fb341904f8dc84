//! `GET /orders`.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::LINK;
use serde_json::json;
use shared::auth::Caller;
use shared::domain::{Invalid, Party, Principal, visibility};
use shared::http::{Problem, QueryParameters};
use shared::store::OpenOrders;

use crate::app::App;

/// What a cursor of this list is bound to.
const QUERY: &str = "open orders";

/// The open orders that the caller sees, newest first.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let limit = query.take("limit", limit);
    let cursor = query.take("cursor", |text| Ok(text.to_owned()));
    query.finish()?;
    let limit = limit.unwrap_or(50);
    let before = cursor.map(|cursor| app.cursors.verify(&cursor, principal, QUERY)).transpose()?;
    let page = app.store.open_orders(whose(principal), before.as_ref(), limit).await?;
    let orders = page.orders.iter();
    let orders: Vec<_> =
        orders.filter_map(|order| visibility::order(principal, order, None)).collect();
    let next = page.next.map(|position| app.cursors.sign(&position, principal, QUERY));
    let link = next.as_ref().and_then(|cursor| link(cursor, limit));
    let mut response = Json(json!({ "orders": orders, "next": next })).into_response();
    response.headers_mut().extend(link.map(|link| (LINK, link)));
    Ok(response)
}

fn limit(text: &str) -> Result<u16, Invalid> {
    match text.parse() {
        Ok(limit @ 1..=100) => Ok(limit),
        _ => Err(Invalid::new("must be a whole number from 1 to 100")),
    }
}

/// Where the next page is (RFC 8288).
fn link(cursor: &str, limit: u16) -> Option<HeaderValue> {
    let link = format!("</orders?limit={limit}&cursor={cursor}>; rel=\"next\"");
    HeaderValue::try_from(link).ok()
}

/// The narrowest list that holds everything the principal sees.
const fn whose(principal: &Principal) -> OpenOrders<'_> {
    match &principal.party {
        Party::Ops | Party::Support | Party::System => OpenOrders::All,
        Party::Merchant { merchant, store: None } => OpenOrders::Merchant(merchant),
        Party::Merchant { merchant, store: Some(store) } => OpenOrders::Store(merchant, store),
        Party::Driver => OpenOrders::Driver(&principal.id),
        Party::Customer { merchant, reference } => OpenOrders::Customer(merchant, reference),
    }
}
