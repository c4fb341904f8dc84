//! The `OpenAPI` 3.1 document.

use axum::handler::Handler;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::responses::headers;
use super::schemas::{generator, taken};
use super::{Described, Endpoint};
use crate::app::App;
use crate::routes::{Method, Routes};
use crate::{
    contract, create_order, live_tickets, merchant_settings, order_details, query_orders,
    transition_order,
};

const ABOUT: &str = "\
Live order tracking. Times are RFC 3339 in UTC with milliseconds; money is in minor units of \
one currency per order. `null` is as good as absent in a request, and fields that are not \
known are refused. What is not yours is not found. What API Gateway itself refuses (no token, \
no such route, too many requests) it answers as `{\"message\": …}`; everything else that is \
refused is a problem of RFC 9457 with a stable `type`.";

/// The `OpenAPI` 3.1 document of every HTTP route.
pub fn openapi() -> Described {
    let document = Document { generator: generator(), paths: Map::new(), faults: Vec::new() };
    let document = create_order::routes(document);
    let document = query_orders::routes(document);
    let document = transition_order::routes(document);
    let document = order_details::routes(document);
    let document = merchant_settings::routes(document);
    let document = live_tickets::routes(document);
    contract::routes(document).finish()
}

/// Routes as the document describes them.
struct Document {
    generator: SchemaGenerator,
    paths: Map<String, Value>,
    faults: Vec<String>,
}

impl Document {
    fn finish(mut self) -> Described {
        let mut paths = Value::from(self.paths);
        let schemas = taken(&mut self.generator, &mut paths, &mut self.faults);
        let document = json!({
            "openapi": "3.1.1",
            "info": {
                "title": "Waybill",
                "version": env!("CARGO_PKG_VERSION"),
                "description": ABOUT,
                "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            },
            "servers": [{ "url": "/" }],
            "security": [{ "token": [] }],
            "paths": paths,
            "components": {
                "securitySchemes": { "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An ID token of the deployment's OIDC issuer.",
                }},
                "headers": headers(),
                "schemas": schemas,
            },
        });
        Described { document, faults: self.faults }
    }
}

impl Routes for Document {
    fn route<H, T>(
        mut self,
        method: Method,
        path: &str,
        _: H,
        describe: impl FnOnce(Endpoint<'_>) -> Endpoint<'_>,
    ) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let endpoint = describe(Endpoint::new(&mut self.generator, path));
        let (operation, faults) = endpoint.finish();
        self.faults.extend(faults.into_iter().map(|it| format!("{} {path}: {it}", method.name())));
        let item = self.paths.entry(path).or_insert_with(|| json!({}));
        item[method.name()] = operation;
        self
    }
}
