//! `PATCH /orders/{id}/status`, issues, offers, and the operations on an order. Each is defined
//! completely in one of these files: its path, the reader of its body, and its description.

mod delivery;
mod endings;
mod issues;
mod offers;
mod operation;
mod status;
mod stores;
mod substitutions;

use self::operation::OperationRoute;
use crate::app::App;
use crate::change::{ReadAction, change};
use crate::routes::{Method, Routes};

/// Every operation.
const OPERATIONS: [&[OperationRoute]; 5] = [
    &stores::OPERATIONS,
    &substitutions::OPERATIONS,
    &delivery::OPERATIONS,
    &offers::OPERATIONS,
    &endings::OPERATIONS,
];

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<App>>(routes: R) -> R {
    let changing = |read: ReadAction| move |app, request| change(app, request, read);
    let routes = routes
        .route(Method::Patch, "/orders/{id}/status", changing(status::READ), status::describe)
        .route(Method::Post, "/orders/{id}/issues", changing(issues::OPEN), issues::describe_open)
        .route(
            Method::Post,
            "/orders/{id}/issues/{issue}/resolve",
            changing(issues::RESOLVE),
            issues::describe_resolve,
        )
        .route(
            Method::Post,
            "/orders/{id}/dispatch",
            changing(offers::DISPATCH),
            offers::describe_dispatch,
        )
        .route(
            Method::Post,
            "/orders/{id}/decline",
            changing(offers::DECLINE),
            offers::describe_decline,
        );
    OPERATIONS.into_iter().flatten().fold(routes, |routes, it| {
        routes.route(Method::Post, &it.path(), changing(it.read), |endpoint| it.describe(endpoint))
    })
}
