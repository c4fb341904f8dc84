//! The views of endpoints.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use clock::Timestamp;
use db::StoredEndpoint;
use domain::webhooks::{DisabledReason, EventType, WebhookUrl};
use domain::{MerchantId, Name, StoreId, WebhookId};
use http::StatusCode;
use http::header::ETAG;
use http_api::etag;
use schemars::JsonSchema;
use serde::Serialize;

/// The webhooks of a merchant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhooks")]
pub(super) struct EndpointsView<'a> {
    pub(super) webhooks: Vec<EndpointView<'a>>,
}

/// A webhook: a URL to which the changes of a merchant's orders are posted.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub(super) struct EndpointView<'a> {
    id: &'a WebhookId,
    merchant: &'a MerchantId,
    url: &'a WebhookUrl,
    /// The store whose orders it is told of; absent for all of the merchant's.
    #[serde(skip_serializing_if = "Option::is_none")]
    store: Option<&'a StoreId>,
    /// The types of its messages; empty for all, including those that come later.
    events: &'a BTreeSet<EventType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a Name>,
    created_at: Timestamp,
    /// False if no messages are sent.
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
    /// The reason why no messages are sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<DisabledReason>,
    /// The time of the first failure since the last success.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    /// The time from which a creation or a change is certain to apply: the webhook may miss changes
    /// of orders before.
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_at: Option<Timestamp>,
}

/// A webhook with its secret, which is shown once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookWithSecret")]
pub(super) struct SecretView<'a> {
    #[serde(flatten)]
    pub(super) endpoint: EndpointView<'a>,
    /// The secret that signs messages. Store it now: it is not shown again.
    pub(super) secret: String,
    /// The time until which messages are signed with the previous secret, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous_until: Option<Timestamp>,
}

/// The response of an endpoint to an attempt, or the reason that there is none.
#[derive(Serialize, JsonSchema)]
pub(super) struct ResponseView {
    /// The status of the response; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_status: Option<u16>,
    /// The reason that there is no response, or that the message was not accepted or was dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The beginning of the response's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
}

impl From<db::Response> for ResponseView {
    fn from(db::Response { status, error, excerpt }: db::Response) -> Self {
        Self { response_status: status, error, excerpt }
    }
}

impl<'a> EndpointView<'a> {
    pub(super) fn of(stored: &'a StoredEndpoint) -> Self {
        let endpoint = &stored.endpoint;
        Self {
            id: &endpoint.id,
            merchant: &endpoint.merchant,
            url: &endpoint.url,
            store: endpoint.store.as_ref(),
            events: &endpoint.events,
            description: endpoint.description.as_ref(),
            created_at: endpoint.created_at,
            enabled: endpoint.disabled.is_none(),
            disabled_at: endpoint.disabled.map(|it| it.at),
            disabled_reason: endpoint.disabled.map(|it| it.reason),
            failing_since: stored.health.failing_since,
            effective_at: None,
        }
    }

    /// Returns the view after a change that is certain to apply from `at` on.
    pub(super) fn effective(self, at: Timestamp) -> Self {
        Self { effective_at: Some(at), ..self }
    }
}

/// Returns a response with the endpoint's version as its `ETag`.
pub(super) fn tagged(
    status: StatusCode,
    stored: &StoredEndpoint,
    body: impl IntoResponse,
) -> Response {
    (status, [(ETAG, etag(stored.version))], body).into_response()
}
