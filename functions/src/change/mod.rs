//! The single path from a request to a change of an order: reads the caller, the order and the
//! command, decides, and commits.

mod command;
mod request;

use axum::extract::State;
use axum::response::Response;
use domain::{Context, Needs, decide, visibility};
use http_api::{Fields, OrderPath, Problem};

pub(crate) use self::command::{ReadAction, Target, command};
pub(crate) use self::request::ChangeRequest;
use crate::app::App;
use crate::response;

/// Decides and commits a change. Problems are checked in the order that the API promises:
/// visibility of the order, the body, a replay, a stale `If-Match`, and then the order's rules.
pub(crate) async fn change(
    State(app): State<App>,
    request: ChangeRequest,
    read: ReadAction,
) -> Result<Response, Problem> {
    let ChangeRequest { caller, order: OrderPath(id), subresource, key, if_match, body } = request;
    let principal = &caller.principal;
    let keyed = key.request(&caller, &body);
    let head = app.db.head(id).await?.ok_or_else(Problem::not_found)?;
    if !visibility::sees(principal, &head.order) {
        return response::out_of_sight(&head, keyed.as_ref());
    }
    let names_version = if_match.names_versions();
    let target = Target { order: &head.order, subresource, principal, names_version };
    let wanted = Fields::read(body.value, |fields| command(fields, &target, read))?;
    let context = Context::new(app.clock.now(), principal);
    let wanted = |order: &_| visibility::sees(principal, order).then_some(&wanted);
    let needs = |order: &_| wanted(order).map(|it| Needs::of(order, it)).unwrap_or_default();
    let outcome = app
        .db
        .change(head, keyed.as_ref(), needs, |order, known| {
            let command = wanted(order).ok_or_else(Problem::not_found)?.clone();
            if_match.check(order.version)?;
            decide(order, command, &context.knowing(known))
                .map_err(|rejection| Problem::from(rejection).at(order.version))
        })
        .await?;
    Ok(response::changed(principal, &outcome))
}
