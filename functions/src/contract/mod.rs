//! The contract that integrators build against: `GET /openapi.json` and `GET /asyncapi.json`,
//! generated from the routes, readers and views that the other functions serve.

mod asyncapi;
mod openapi;

use std::sync::LazyLock;

use axum::response::IntoResponse;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value};

pub use self::asyncapi::asyncapi;
pub use self::openapi::openapi;
use crate::routes::{Method, Routes};

/// Returns an example of a webhook's message.
pub fn webhook_message() -> Option<Value> {
    crate::webhooks::example()
}

/// A document and its faults. A test checks that there are no faults.
#[derive(Debug)]
pub struct Described {
    pub document: Value,
    /// Faults such as examples that their own reader rejects, or different schemas with one name.
    pub faults: Vec<String>,
}

/// Declares the function's routes.
pub(crate) fn routes<R: Routes<()>>(routes: R) -> R {
    let openapi = async || served(&OPENAPI);
    let routes =
        routes.route(Method::Get, "/openapi.json", openapi, |it| {
            it.is("getOpenapi", "Contract", "Get the OpenAPI document")
                .public()
                .responds::<Document>(StatusCode::OK, "OpenAPI 3.1.", &[])
        });
    let asyncapi = async || served(&ASYNCAPI);
    routes.route(Method::Get, "/asyncapi.json", asyncapi, |it| {
        it.is("getAsyncapi", "Contract", "Get the AsyncAPI document").public().responds::<Document>(
            StatusCode::OK,
            "AsyncAPI 3.0.",
            &[],
        )
    })
}

static OPENAPI: LazyLock<String> = LazyLock::new(|| openapi().document.to_string());
static ASYNCAPI: LazyLock<String> = LazyLock::new(|| asyncapi().document.to_string());

fn served(document: &'static LazyLock<String>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], document.as_str())
}

/// A document of some version of its specification.
type Document = Map<String, Value>;

#[cfg(test)]
mod tests;
