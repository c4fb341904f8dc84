//! The `OpenAPI` 3.1 document.

use serde_json::{Value, json};

use super::Described;
use crate::describe::{headers, taken};
use crate::routes::Document;

const ABOUT: &str = "\
Live order tracking. Times are RFC 3339 in UTC with milliseconds; money is in minor units of \
one currency per order. `null` is as good as absent in a request, and fields that are not \
known are refused. What is not yours is not found. What API Gateway itself refuses (no token, \
no such route, too many requests) it answers as `{\"message\": …}`; everything else that is \
refused is a problem of RFC 9457 with a stable `type`.";

/// The `OpenAPI` 3.1 document of every HTTP route.
pub fn openapi() -> Described {
    let Document { mut generator, paths, mut faults } = crate::describe_routes(Document::new());
    let mut paths = Value::from(paths);
    let schemas = taken(&mut generator, &mut paths, &mut faults);
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
    Described { document, faults }
}
