//! The one way from a request to a change of an order: who asks, of which order,
//! what; decided and committed.

mod command;
mod request;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use shared::domain::{Action, Context, HandoverCode, Order, decide, visibility};
use shared::http::{Fields, OrderPath, Problem};

pub(crate) use self::command::{ChangeCommand, Target};
pub(crate) use self::request::ChangeRequest;
use crate::answer;
use crate::app::App;

/// Reads what is wanted of an order, given what the body holds.
pub(crate) type ReadCommand = fn(&mut Fields<'_>, &Target<'_>) -> Option<ChangeCommand>;

/// Decides and commits a change, in the order of refusals that the API promises:
/// what the caller does not see, a wrong body, a replay, a stale `If-Match`, and
/// then what the order's rules say.
pub(crate) async fn change(
    State(app): State<App>,
    request: ChangeRequest,
    read: ReadCommand,
) -> Result<Response, Problem> {
    let ChangeRequest { caller, order: OrderPath(id), part, key, if_match, body } = request;
    let principal = &caller.principal;
    let keyed = key.request(&caller, &body);
    let head = app.store.head(id).await?.ok_or_else(Problem::not_found)?;
    // Whoever lost sight of the order by this very request may still repeat it.
    let wanted = if visibility::sees(principal, &head.order) {
        let target = Target { order: &head.order, part, principal };
        Some(Fields::read(body.value, |fields| read(fields, &target))?)
    } else {
        None
    };
    let code = match &wanted {
        Some(wanted) => handover_code(&app, &head.order, &wanted.command.action).await?,
        None => None,
    };
    let now = app.clock.now();
    let context = Context { handover_code: code.as_ref(), ..Context::new(now, principal) };
    let details = wanted.as_ref().and_then(|wanted| wanted.details.as_ref());
    let outcome = app
        .store
        .change(head, keyed.as_ref(), details, |order| {
            let wanted = wanted.as_ref().filter(|_| visibility::sees(principal, order));
            let command = wanted.ok_or_else(Problem::not_found)?.command.clone();
            if_match.check(order.version)?;
            decide(order, command, &context)
                .map_err(|rejection| Problem::from(rejection).at(order.version))
        })
        .await?;
    Ok(answer::outcome(StatusCode::OK, principal, &outcome, None))
}

/// The order's code, if it is to be compared.
async fn handover_code(
    app: &App,
    order: &Order,
    action: &Action,
) -> Result<Option<HandoverCode>, Problem> {
    match action {
        Action::Deliver { code: Some(_), .. } if order.handover.is_some() => {
            Ok(app.store.handover_code(order.id).await?)
        }
        _ => Ok(None),
    }
}
