//! `POST …/test`: sends a message at once, and tells what the endpoint said.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http_api::{Authenticated, MerchantPath, Problem, ProblemKind, WebhookPath};
use schemars::JsonSchema;
use serde::Serialize;

use super::body::TestMessage;
use super::view::ResponseView;
use super::{Manager, Sent, send};
use crate::describe::Endpoint;

/// The time limit of a test, within that of a request to API Gateway.
const LIMIT: Duration = Duration::from_secs(15);

/// The outcome of a test.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookTestResult")]
struct TestResult {
    /// True if the endpoint accepted the message.
    delivered: bool,
    #[serde(flatten)]
    response: ResponseView,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("testWebhook", "Webhooks", "Send a test message")
        .about(
            "Posts a message of the type `webhook.test` at once, even if the webhook is disabled, \
             and returns the outcome. It is tried once.",
        )
        .responds::<TestResult>(StatusCode::OK, "The outcome.", &[])
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
    let sent = send(&manager.egress, &stored, &id, now, body, LIMIT).await;
    let Sent { outcome, response } = sent.map_err(Problem::from_fault)?;
    let (delivered, response) = (outcome.is_success(), response.into());
    Ok(Json(TestResult { delivered, response }).into_response())
}
