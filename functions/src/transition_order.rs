//! `PATCH /orders/{id}/status` and the operations on an order: each a row here
//! and a function that reads its action from the body.

mod delivery;
mod describe;
mod issues;
mod status;
mod stores;
mod substitutions;

use axum::Router;
use shared::domain::{Action, Answer, Operation};

use crate::Environment;
use crate::app::serve;
use crate::change::{ChangeCommand, ReadCommand, change};
use crate::routes::{Method, Routes};

/// How a change of status is read.
const STATUS: ReadCommand = |fields, target| {
    ChangeCommand::read(fields, |fields| status::change(fields, target.order.workflow))
};

/// How each operation reads what it is to do.
const OPERATIONS: [(Operation, ReadCommand); 16] = [
    (Operation::Acknowledge, |fields, _| {
        ChangeCommand::read(fields, |_| Some(Action::Acknowledge))
    }),
    (Operation::Reject, |fields, _| ChangeCommand::read(fields, stores::reject)),
    (Operation::Reassign, |fields, _| ChangeCommand::read(fields, stores::reassign)),
    (Operation::StartPicking, |fields, _| {
        ChangeCommand::read(fields, |_| Some(Action::StartPicking))
    }),
    (Operation::Ready, |fields, _| ChangeCommand::read(fields, |_| Some(Action::Ready))),
    (Operation::ProposeSubstitutions, |fields, target| {
        ChangeCommand::read(fields, |fields| substitutions::propose(fields, target.order))
    }),
    (Operation::ApproveSubstitution, |fields, target| {
        ChangeCommand::read(fields, |_| substitutions::answer(target, Answer::Approved))
    }),
    (Operation::RejectSubstitution, |fields, target| {
        ChangeCommand::read(fields, |_| substitutions::answer(target, Answer::Rejected))
    }),
    (Operation::Assign, |fields, _| ChangeCommand::read(fields, delivery::assign)),
    (Operation::Unassign, |fields, _| ChangeCommand::read(fields, delivery::unassign)),
    (Operation::Pickup, |fields, _| ChangeCommand::read(fields, |_| Some(Action::Pickup))),
    (Operation::Deliver, |fields, target| {
        ChangeCommand::read(fields, |fields| Some(delivery::deliver(fields, target)))
    }),
    (Operation::DeliveryFailed, |fields, _| ChangeCommand::read(fields, delivery::delivery_failed)),
    (Operation::Retry, |fields, _| ChangeCommand::read(fields, |_| Some(Action::Retry))),
    (Operation::Return, |fields, _| ChangeCommand::read(fields, |_| Some(Action::Return))),
    (Operation::Returned, |fields, _| ChangeCommand::read(fields, |_| Some(Action::Returned))),
];

/// How an issue is opened, which is no step and stands beside the workflow.
const OPEN_ISSUE: ReadCommand = |fields, _| ChangeCommand::read(fields, issues::open);

/// How an issue is resolved.
const RESOLVE_ISSUE: ReadCommand =
    |fields, target| ChangeCommand::read(fields, |fields| issues::resolve(fields, target));

/// The function's routes.
pub fn service(env: &Environment) -> Router {
    serve(env, routes(Router::new()))
}

pub(crate) fn routes<R: Routes>(routes: R) -> R {
    let changing = |read: ReadCommand| move |app, request| change(app, request, read);
    let routes = routes
        .route(Method::Patch, "/orders/{id}/status", changing(STATUS), describe::status)
        .route(Method::Post, "/orders/{id}/issues", changing(OPEN_ISSUE), describe::open_issue)
        .route(
            Method::Post,
            "/orders/{id}/issues/{issue}/resolve",
            changing(RESOLVE_ISSUE),
            describe::resolve_issue,
        );
    OPERATIONS.into_iter().fold(routes, |routes, (operation, read)| {
        let path = format!("/orders/{{id}}/{}", operation.path());
        routes.route(Method::Post, &path, changing(read), |it| {
            describe::operation(it, operation, read)
        })
    })
}
