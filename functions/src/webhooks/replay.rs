//! `POST …/replay`: queues messages about an order again.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::MessageId;
use domain::visibility::sees;
use domain::{OrderId, Version};
use http::StatusCode;
use http_api::{Authenticated, Fields, JsonBody, MerchantPath, Problem, ProblemKind};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use super::{Manager, Queued, WebhookPath};
use crate::describe::Endpoint;

/// The messages to send again.
struct Again {
    order: OrderId,
    /// `None` for all versions.
    version: Option<Version>,
}

/// The result of a replay.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WebhookReplay")]
struct Queueing {
    /// The number of messages that were queued.
    queued: usize,
}

pub(super) fn describe(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = json!({ "order": "0195b3c0-7b1e-7000-8000-0123456789ab", "version": 3 });
    it.is("replayWebhook", "Webhooks", "Send the messages about an order again")
        .about(
            "Queues the message about one `version` of the order, or about all. The messages have \
             the ids and bodies that they had.",
        )
        .body(example, read)
        .responds::<Queueing>(StatusCode::ACCEPTED, "The messages are queued.", &[])
        .refuses(&[ProblemKind::NotFound])
}

/// `{"order", "version"?}`
fn read(fields: &mut Fields<'_>) -> Option<Again> {
    let order = fields.required_text("order", OrderId::parse);
    let version = fields.integer("version", 1, i64::MAX);
    let version = version.and_then(|version| u64::try_from(version).ok()).map(Version);
    Some(Again { order: order?, version })
}

pub(super) async fn replay(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    body: JsonBody,
) -> Result<Response, Problem> {
    let stored = manager.changed(&caller.principal, &merchant, &id).await?;
    let Again { order, version } = Fields::read(body.value, read)?;
    let head = manager.app.db.head(order).await?;
    let head = head.filter(|head| sees(&stored.endpoint.principal(), &head.order));
    let last = head.ok_or_else(Problem::not_found)?.order.version;
    let versions = match version {
        None => 1..=last.0,
        Some(version) if version <= last => version.0..=version.0,
        Some(_) => return Err(Problem::not_found()),
    };
    let queued = versions.map(|version| {
        let message = MessageId { order, version: Version(version) };
        Queued::first(&stored.endpoint, message)
    });
    let queued: Vec<_> = queued.collect();
    match manager.queue.send_all(&queued).await {
        Ok(refused) if refused.is_empty() => {
            let queueing = Queueing { queued: queued.len() };
            Ok((StatusCode::ACCEPTED, Json(queueing)).into_response())
        }
        Ok(_) => Err(Problem::unavailable("SQS did not accept all messages".to_owned())),
        Err(error) => Err(Problem::unavailable(error.to_string())),
    }
}
