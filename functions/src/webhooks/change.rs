//! Creating, changing and deleting endpoints.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use db::{EndpointChange, Health, Secrets, StoredEndpoint, WebhookSecret};
use domain::webhooks::{Disabled, DisabledReason};
use domain::{Version, WebhookId};
use http::{HeaderValue, StatusCode};
use http_api::{
    Authenticated, Fields, IdempotencyKey, IfMatch, JsonBody, MerchantPath, Problem, ProblemKind,
    WebhookPath,
};
use serde_json::json;

use super::view::{EndpointView, SecretView, tagged};
use super::{Manager, denied, form, scope};
use crate::describe::{Endpoint as Description, Header};
use crate::egress::Targets;
use crate::outbox::REMEMBERED;

/// The time for which messages are signed with the previous secret, too, in seconds.
const OVERLAP: i64 = 24 * 60 * 60;

pub(super) fn describe_creation(it: Description<'_>) -> Description<'_> {
    it.is("createWebhook", "Webhooks", "Create a webhook")
        .about(
            "For operations, the merchant, and a store for itself. The changes of the merchant's \
             orders, or of the `store`'s, are posted to `url` as signed messages by the \
             specification Standard Webhooks. Without `events`, all types are sent. The response \
             contains the secret, which is shown once; a repetition under the same \
             `Idempotency-Key` contains it again.",
        )
        .keyed()
        .body(form::example(), |fields| form::new_endpoint(fields, Targets::Public))
        .responds::<SecretView<'_>>(
            StatusCode::CREATED,
            "The webhook and its secret.",
            &[Header::ETag, Header::Replayed],
        )
        .refuses(&[ProblemKind::NotFound, ProblemKind::TooManyWebhooks])
}

pub(super) async fn create(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<Response, Problem> {
    let scope = scope(&caller.principal, &merchant)?;
    scope.may_change().map_err(denied)?;
    let made_from = key.request(&caller, &body).map(|request| request.body);
    let mut new =
        Fields::read(body.value, |fields| form::new_endpoint(fields, manager.egress.targets))?;
    new.store = new.store.or_else(|| scope.store.clone());
    if !scope.has(new.store.as_ref()) {
        let detail = "Your token is bound to another store.";
        return Err(Problem::new(ProblemKind::Forbidden, detail));
    }
    let id = key.webhook_id(&caller).map_or_else(random_id, Ok)?;
    let endpoint = new.endpoint(merchant, id, manager.app.clock.now());
    let secrets = Secrets::new(WebhookSecret::random());
    let (version, health) = (Version(1), Health::default());
    let stored = StoredEndpoint { endpoint, secrets, version, health, made_from };
    let before = manager.app.db.create_endpoint(&stored).await?;
    let is_replay = before.is_some();
    let stored = before.unwrap_or(stored);
    let effective_at = stored.endpoint.created_at.plus_seconds(REMEMBERED);
    let view = SecretView {
        endpoint: EndpointView::of(&stored).effective(effective_at),
        secret: stored.secrets.current.reveal(),
        previous_until: None,
    };
    Ok(marked(tagged(StatusCode::CREATED, &stored, Json(view)), is_replay))
}

fn random_id() -> Result<WebhookId, Problem> {
    let unique = random::random_uuid().simple();
    WebhookId::parse(&format!("we_{unique}")).map_err(Problem::from_fault)
}

fn marked(mut response: Response, is_replay: bool) -> Response {
    if is_replay {
        response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
    }
    response
}

pub(super) fn describe_change(it: Description<'_>) -> Description<'_> {
    let example = json!({ "events": ["order.delivered"], "enabled": true });
    it.is("changeWebhook", "Webhooks", "Change a webhook")
        .about(
            "Omitted fields stay as they are. `enabled` sends messages again after the webhook was \
             disabled, from `effective_at` on; `…/replay` sends those that it missed. A repeated \
             change changes nothing.",
        )
        .conditional()
        .body(example, |fields| Some(form::changes(fields, Targets::Public)))
        .responds::<EndpointView<'_>>(StatusCode::OK, "The webhook.", &[Header::ETag])
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
}

pub(super) async fn change(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    if_match: IfMatch,
    body: JsonBody,
) -> Result<Response, Problem> {
    let stored = manager.changed(&caller.principal, &merchant, &id).await?;
    let changes =
        Fields::read(body.value, |fields| Some(form::changes(fields, manager.egress.targets)))?;
    if_match.check(stored.version)?;
    let mut endpoint = stored.endpoint.clone();
    let is_elsewhere = changes.url.as_ref().is_some_and(|url| *url != endpoint.url);
    endpoint.url = changes.url.unwrap_or(endpoint.url);
    endpoint.events = changes.events.unwrap_or(endpoint.events);
    endpoint.description = changes.description.or(endpoint.description);
    match changes.enabled {
        Some(true) => endpoint.disabled = None,
        Some(false) if endpoint.disabled.is_none() => {
            let (at, reason) = (manager.app.clock.now(), DisabledReason::Requested);
            endpoint.disabled = Some(Disabled { at, reason });
        }
        Some(false) | None => {}
    }
    if endpoint == stored.endpoint {
        return Ok(tagged(StatusCode::OK, &stored, Json(EndpointView::of(&stored))));
    }
    let forgets_health = is_elsewhere || changes.enabled == Some(true);
    let secrets = stored.secrets.clone();
    let change = EndpointChange { endpoint, secrets, forgets_health };
    let new = manager.app.db.change_endpoint(&stored, change).await?;
    let effective_at = manager.app.clock.now().plus_seconds(REMEMBERED);
    let view = EndpointView::of(&new).effective(effective_at);
    Ok(tagged(StatusCode::OK, &new, Json(view)))
}

pub(super) fn describe_deletion(it: Description<'_>) -> Description<'_> {
    it.is("deleteWebhook", "Webhooks", "Delete a webhook")
        .about("Messages that wait for another attempt are not sent.")
        .responds_nothing("The webhook is deleted.", &[])
        .refuses(&[ProblemKind::NotFound])
}

pub(super) async fn delete(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
) -> Result<Response, Problem> {
    manager.changed(&caller.principal, &merchant, &id).await?;
    manager.app.db.delete_endpoint(&merchant, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub(super) fn describe_rotation(it: Description<'_>) -> Description<'_> {
    it.is("rotateWebhookSecret", "Webhooks", "Replace a webhook's secret")
        .about(
            "Messages are signed with the new and the previous secret for 24 hours; another \
             rotation ends the previous one at once. A repetition under the same \
             `Idempotency-Key` does not rotate again and returns the current secret.",
        )
        .keyed()
        .responds::<SecretView<'_>>(
            StatusCode::OK,
            "The webhook and its new secret.",
            &[Header::ETag, Header::Replayed],
        )
        .refuses(&[ProblemKind::NotFound, ProblemKind::Contended])
}

pub(super) async fn rotate(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    key: IdempotencyKey,
) -> Result<Response, Problem> {
    let stored = manager.changed(&caller.principal, &merchant, &id).await?;
    let request = key.digest(&caller);
    let is_replay = request.as_ref().is_some_and(|it| stored.secrets.are_rotated_by(it));
    let new = if is_replay {
        stored
    } else {
        let until = manager.app.clock.now().plus_seconds(OVERLAP);
        let secrets = stored.secrets.clone().rotated(WebhookSecret::random(), until, request);
        let endpoint = stored.endpoint.clone();
        let change = EndpointChange { endpoint, secrets, forgets_health: false };
        manager.app.db.change_endpoint(&stored, change).await?
    };
    let view = SecretView {
        endpoint: EndpointView::of(&new),
        secret: new.secrets.current.reveal(),
        previous_until: new.secrets.previous_until,
    };
    Ok(marked(tagged(StatusCode::OK, &new, Json(view)), is_replay))
}
