//! The single path from a request to a change of an order: reads the caller, the order and the
//! command, decides, and commits.

mod command;
mod request;

use axum::extract::State;
use axum::response::Response;
use domain::{Context, Needs, decide, may_ask, visibility};
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
    let sees = visibility::sees(principal, &head.order);
    if !sees && !head.order.was_offered_to(principal) {
        return response::out_of_sight(&head, keyed.as_ref());
    }
    let names_version = if_match.names_versions();
    let target = Target { order: &head.order, subresource, principal, names_version };
    let wanted = Fields::read(body.value, |fields| command(fields, &target, read));
    // A driver who does not see the order any more gets an answer to an answer alone.
    if !sees && !wanted.as_ref().is_ok_and(|wanted| may_ask(principal, &head.order, wanted)) {
        return response::out_of_sight(&head, keyed.as_ref());
    }
    let wanted = wanted?;
    let context = Context::new(app.clock.now(), principal);
    let wanted = |order: &_| may_ask(principal, order, &wanted).then_some(&wanted);
    let needs = |order: &_| wanted(order).map(|it| Needs::of(order, it)).unwrap_or_default();
    let outcome = app
        .db
        .change(head, keyed.as_ref(), needs, |order, known| {
            let command = wanted(order).ok_or_else(Problem::not_found)?.clone();
            // Those who do not see the order learn neither its version nor its status.
            let sees = visibility::sees(principal, order);
            if sees {
                if_match.check(order.version)?;
            }
            decide(order, command, &context.knowing(known)).map_err(|rejection| {
                let problem = Problem::from(rejection);
                if sees { problem.at(order.version) } else { problem }
            })
        })
        .await?;
    Ok(response::changed(principal, &outcome))
}
