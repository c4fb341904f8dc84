//! `POST …/test`: sends a message at once, and tells what the endpoint said.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, Uri};
use http_api::{Authenticated, MerchantPath, Problem, ProblemKind};
use schemars::JsonSchema;
use serde::Serialize;

use super::body::TestMessage;
use super::{Manager, Sent, WebhookPath, headers};
use crate::describe::Endpoint;

/// The time limit of a test, within that of a request to API Gateway.
const LIMIT: Duration = Duration::from_secs(15);

/// The outcome of a test.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTestResult")]
struct Outcome {
    /// True if the endpoint accepted the message.
    delivered: bool,
    /// The status of the response; absent if there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    response_status: Option<u16>,
    /// The reason that there is no response, or that the message was not accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The beginning of the response's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    excerpt: Option<String>,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("testWebhook", "Webhooks", "Send a test message")
        .about(
            "Posts a message of the type `webhook.test` at once, even if the webhook is disabled, \
             and returns the outcome. It is tried once.",
        )
        .responds::<Outcome>(StatusCode::OK, "The outcome.", &[])
        .refuses(&[ProblemKind::NotFound])
}

pub(super) async fn test(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
) -> Result<Response, Problem> {
    let stored = manager.changed(&caller.principal, &merchant, &id).await?;
    let now = manager.app.clock.now();
    let message = TestMessage::of(&stored.endpoint, now);
    let body = serde_json::to_vec(&message).map_err(Problem::from_fault)?;
    let id = format!("msg_test_{}", random::time_ordered_uuid());
    let headers = headers(&id, now, &body, &stored.secrets);
    let url: Uri = stored.endpoint.url.as_str().parse().map_err(Problem::from_fault)?;
    let sent = Sent::of(manager.egress.post(&url, headers, Bytes::from(body), LIMIT).await);
    let db::Response { status, error, excerpt } = sent.response;
    let delivered = status.is_some_and(|status| (200..300).contains(&status));
    let outcome = Outcome { delivered, response_status: status, error, excerpt };
    Ok(Json(outcome).into_response())
}
