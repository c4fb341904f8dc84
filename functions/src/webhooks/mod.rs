//! Webhooks: the endpoints that a merchant's systems are told of changes at.
//! `…/merchants/{merchant}/webhooks`.

mod body;
mod change;
mod deliveries;
mod form;
mod queue;
mod replay;
mod sent;
mod signature;
mod test;
mod view;

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRef, State};
use axum::response::{IntoResponse, Response};
use db::{Consistency, StoredEndpoint};
use domain::webhooks::Scope;
use domain::{ClaimNames, Denied, MerchantId, Principal, WebhookId};
use http::StatusCode;
use http_api::{
    Authenticated, CursorKey, MerchantPath, Problem, ProblemKind, QueryParameters, WebhookPath,
};

pub(crate) use self::body::{Message, describe, example};
pub(crate) use self::queue::{Queued, WebhookQueue};
pub(crate) use self::sent::{Sent, send};
use self::view::{EndpointView, EndpointsView};
use crate::app::{self, App};
use crate::egress::Egress;
use crate::routes::{Method, Routes};
use crate::{Environment, VariableError};

const ALL: &str = "/merchants/{merchant}/webhooks";
const ONE: &str = "/merchants/{merchant}/webhooks/{webhook}";

/// The state of these handlers.
#[derive(Clone)]
pub(crate) struct Manager {
    app: App,
    cursors: Arc<CursorKey>,
    egress: Egress,
    queue: WebhookQueue,
}

impl app::State for Manager {
    fn new(env: &Environment) -> Result<Self, VariableError> {
        Ok(Self {
            app: App::new(env)?,
            cursors: Arc::new(env.cursor_key()?),
            egress: Egress::new(env)?,
            queue: WebhookQueue::new(env, "WEBHOOK_QUEUE_URL")?,
        })
    }
}

impl FromRef<Manager> for ClaimNames {
    fn from_ref(manager: &Manager) -> Self {
        Self::from_ref(&manager.app)
    }
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<Manager>>(routes: R) -> R {
    let routes = routes.route(Method::Get, ALL, list, |it| {
        it.is("listWebhooks", "Webhooks", "List the merchant's webhooks")
            .about("For operations, support and the merchant; a store sees its own.")
            .responds::<EndpointsView<'_>>(StatusCode::OK, "All webhooks, without secrets.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let routes = routes.route(Method::Post, ALL, change::create, change::describe_creation);
    let routes = routes.route(Method::Get, ONE, one, |it| {
        it.is("getWebhook", "Webhooks", "Get a webhook")
            .responds::<EndpointView<'_>>(StatusCode::OK, "The webhook, without its secret.", &[])
            .refuses(&[ProblemKind::NotFound, ProblemKind::InvalidFields])
    });
    let routes = routes.route(Method::Patch, ONE, change::change, change::describe_change);
    let routes = routes.route(Method::Delete, ONE, change::delete, change::describe_deletion);
    let rotate = "/merchants/{merchant}/webhooks/{webhook}/rotate";
    let routes = routes.route(Method::Post, rotate, change::rotate, change::describe_rotation);
    let test = "/merchants/{merchant}/webhooks/{webhook}/test";
    let routes = routes.route(Method::Post, test, test::test, test::describe);
    let replay = "/merchants/{merchant}/webhooks/{webhook}/replay";
    let routes = routes.route(Method::Post, replay, replay::replay, replay::describe);
    let deliveries = "/merchants/{merchant}/webhooks/{webhook}/deliveries";
    routes.route(Method::Get, deliveries, deliveries::list, deliveries::describe)
}

impl Manager {
    /// Returns an endpoint that `principal` reads; one of others is not found.
    async fn read(
        &self,
        principal: &Principal,
        merchant: &MerchantId,
        id: &WebhookId,
    ) -> Result<StoredEndpoint, Problem> {
        self.find(&scope(principal, merchant)?, merchant, id).await
    }

    /// Returns an endpoint that `principal` changes.
    async fn changed(
        &self,
        principal: &Principal,
        merchant: &MerchantId,
        id: &WebhookId,
    ) -> Result<StoredEndpoint, Problem> {
        let scope = scope(principal, merchant)?;
        let stored = self.find(&scope, merchant, id).await?;
        scope.may_change().map_err(denied)?;
        Ok(stored)
    }

    async fn find(
        &self,
        scope: &Scope,
        merchant: &MerchantId,
        id: &WebhookId,
    ) -> Result<StoredEndpoint, Problem> {
        let stored = self.app.db.endpoint(merchant, id).await?;
        let stored = stored.filter(|it| scope.has(it.endpoint.store.as_ref()));
        stored.ok_or_else(Problem::not_found)
    }
}

fn scope(principal: &Principal, merchant: &MerchantId) -> Result<Scope, Problem> {
    Scope::of(principal, merchant).map_err(denied)
}

fn denied(denied: Denied) -> Problem {
    Problem::denied(denied, "webhooks")
}

async fn list(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let scope = scope(&caller.principal, &merchant)?;
    query.finish()?;
    let all = manager.app.db.endpoints(&merchant, Consistency::Strong).await?;
    let seen = all.iter().filter(|it| scope.has(it.endpoint.store.as_ref()));
    let webhooks = seen.map(EndpointView::of).collect();
    Ok(Json(EndpointsView { webhooks }).into_response())
}

async fn one(
    State(manager): State<Manager>,
    Authenticated(caller): Authenticated,
    MerchantPath(merchant): MerchantPath,
    WebhookPath(id): WebhookPath,
    query: QueryParameters,
) -> Result<Response, Problem> {
    let stored = manager.read(&caller.principal, &merchant, &id).await?;
    query.finish()?;
    Ok(view::tagged(StatusCode::OK, &stored, Json(EndpointView::of(&stored))))
}
