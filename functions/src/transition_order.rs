//! `PATCH /orders/{id}/status` and the operations on an order: each a row here
//! and a function that reads its command from the body.

mod form;
mod request;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{patch, post};
use http::StatusCode;
use shared::domain::{Command, Context, Order, decide, visibility};
use shared::http::{Fields, OrderPath, Problem};

use self::request::ChangeRequest;
use crate::app::{App, serve};
use crate::{Environment, answer};

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    let routes = Router::new()
        .route("/orders/{id}/status", patch(|app, request| change(app, request, form::status)))
        .route("/orders/{id}/assign", post(|app, request| change(app, request, form::assign)))
        .route("/orders/{id}/unassign", post(|app, request| change(app, request, form::unassign)));
    serve(env, routes)
}

/// Reads a command for an order, given what the body holds.
type ReadCommand = fn(&mut Fields<'_>, &Order) -> Option<Command>;

/// Decides and commits a change, in the order of refusals that the API promises:
/// what the caller does not see, a wrong body, a replay, a stale `If-Match`, and
/// then what the workflow says.
async fn change(
    State(app): State<App>,
    request: ChangeRequest,
    read: ReadCommand,
) -> Result<Response, Problem> {
    let ChangeRequest { caller, order: OrderPath(id), key, if_match, body } = request;
    let principal = &caller.principal;
    let keyed = key.request(&caller, &body);
    let head = app.store.head(id).await?.ok_or_else(Problem::not_found)?;
    // Whoever lost sight of the order by this very request may still repeat it.
    let command = if visibility::sees(principal, &head.order) {
        Some(Fields::read(body.value, |fields| read(fields, &head.order))?)
    } else {
        None
    };
    let context = Context { now: app.clock.now(), principal };
    let outcome = app
        .store
        .change(head, keyed.as_ref(), |order| {
            let command = command.clone().filter(|_| visibility::sees(principal, order));
            let command = command.ok_or_else(Problem::not_found)?;
            if_match.check(order.version)?;
            decide(order, command, &context)
                .map_err(|rejection| Problem::from(rejection).at(order.version))
        })
        .await?;
    Ok(answer::outcome(StatusCode::OK, principal, &outcome, None))
}
