//! `GET …/deliveries`: the log of deliveries that failed.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::{FailedDelivery, MessageId};
use domain::webhooks::DeliveryStatus;
use domain::{OrderId, Version};
use http::StatusCode;
use http_api::{
    Authenticated, Cursor, MerchantPath, Problem, ProblemKind, QueryParameters, WebhookPath,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::Manager;
use super::view::ResponseView;
use crate::describe::Endpoint;

/// The number of deliveries on a page.
const PAGE: u16 = 100;

/// A page of the log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookDeliveries")]
struct Page {
    /// The deliveries of this page, by order and version.
    deliveries: Vec<Delivery>,
    /// The cursor of the next page; null on the last page.
    next: Option<Cursor>,
}

/// A delivery of which an attempt failed.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookDelivery")]
struct Delivery {
    /// The message's id, the header `webhook-id`.
    id: String,
    order: OrderId,
    version: Version,
    status: DeliveryStatus,
    /// The number of attempts so far.
    attempts: u32,
    /// The time of the last attempt.
    at: Timestamp,
    #[serde(flatten)]
    response: ResponseView,
}

impl From<FailedDelivery> for Delivery {
    fn from(row: FailedDelivery) -> Self {
        let FailedDelivery { message, status, attempts, at, response, .. } = row;
        let MessageId { order, version } = message;
        let (id, response) = (message.to_string(), response.into());
        Self { id, order, version, status, attempts, at, response }
    }
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("listWebhookDeliveries", "Webhooks", "List the deliveries that failed")
        .about(
            "Messages that were accepted at the first attempt are not listed, unless they were \
             replayed. A delivery is listed for 30 days after its last attempt.",
        )
        .query(Cursor::take)
        .responds::<Page>(StatusCode::OK, "A page of at most 100 deliveries.", &[])
        .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidCursor])
}

pub(super) async fn list(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    mut query: QueryParameters,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    manager.read(principal, &merchant, &id).await?;
    let cursor = Cursor::take(&mut query);
    query.finish()?;
    let bound = format!("deliveries of {merchant}#{id}");
    let open = |cursor| manager.cursors.open(&cursor, principal, &bound);
    let after = cursor.map(open).transpose()?;
    let page = manager.app.db.deliveries(&merchant, &id, after.as_ref(), PAGE).await?;
    let seal = |position| manager.cursors.seal(&position, principal, &bound);
    let next = page.next.map(seal).transpose()?;
    let deliveries = page.deliveries.into_iter().map(Delivery::from).collect();
    Ok(Json(Page { deliveries, next }).into_response())
}
