//! `POST /orders`.

mod form;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use shared::auth::Caller;
use shared::domain::{self, Context, OrderId};
use shared::edge;
use shared::http::{Fields, IdempotencyKey, JsonBody, Problem};

use crate::app::{App, serve};
use crate::{Environment, answer};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new().route("/orders", post(create));
    serve(env, routes)
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    body: JsonBody,
) -> Result<Response, Problem> {
    let principal = &caller.principal;
    let request = key.request(&caller, &body);
    let (draft, details) = Fields::read(body.value, |fields| form::read(fields, principal))?;
    let workflow = match draft.workflow {
        Some(workflow) => workflow,
        None => app.store.merchant_settings(&draft.merchant).await?.workflow(),
    };
    let order = draft.into_order(workflow, &details);
    let id = key.order_id(&caller).unwrap_or_else(|| OrderId::new(edge::time_ordered_uuid()));
    let outcome = match domain::create(order, &Context::new(app.clock.now(), principal)) {
        Ok(events) => app.store.create(id, events, &details, request.as_ref()).await?,
        // What made the order once may be refused now: settings and tokens change.
        Err(rejection) => {
            let replay = app.store.created_by(id, request.as_ref()).await?;
            replay.ok_or(rejection)?
        }
    };
    let mut response = answer::outcome(StatusCode::CREATED, principal, &outcome, Some(&details));
    if let Ok(location) = HeaderValue::try_from(format!("/orders/{id}")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
