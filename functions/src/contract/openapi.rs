//! The `OpenAPI` 3.1 document.

use serde_json::{Value, json};

use super::Described;
use crate::describe::{headers, taken};
use crate::routes::Document;
use crate::webhooks;

const ABOUT: &str = "\
Live order tracking for logistics and delivery. Times are RFC 3339 in UTC with milliseconds; \
amounts of money are integers in minor units, with one currency per order. In requests `null` \
means the same as an absent field, and unknown fields are rejected. An order that you cannot see \
is reported as not found. API Gateway's own errors (missing token, unknown route, too many \
requests) have the form `{\"message\": …}`; all other errors are RFC 9457 problems with a stable \
`type`.";

/// The tags of operations, in the order in which an explorer shows them, with descriptions.
const TAGS: [(&str, &str); 15] = [
    ("Orders", "Create, read, list and export orders."),
    ("Steps", "Make a transition of an order's workflow."),
    ("Substitutions", "Propose substitutes for products, and answer the proposals."),
    ("Issues", "Open and resolve issues of an order."),
    ("Details", "Correct and erase an order's personal data."),
    ("Merchants", "Read and replace the settings of a merchant."),
    ("Stores", "Keep the names, addresses and hours of a merchant's stores."),
    ("Offers", "Offer an order to drivers, of whom the first to accept gets it."),
    ("Drivers", "Keep the drivers of a fleet: who is on duty, and who carries which orders."),
    ("Webhooks", "Have changes posted to a merchant's own servers."),
    ("Reports", "Measure how long orders stay in each status."),
    ("Live", "Connect to the WebSocket API."),
    ("Health", "Check that the service responds."),
    ("Contract", "Get the documents of the API."),
    ("Console", "Get the pages for people, and what they load."),
];

/// Builds the `OpenAPI` 3.1 document of all HTTP routes.
pub fn openapi() -> Described {
    let Document { mut generator, paths, mut faults } = crate::describe_routes(Document::new());
    let mut paths = Value::from(paths);
    let mut webhooks = webhooks::describe(&mut generator);
    let schemas = taken(&mut generator, &mut [&mut paths, &mut webhooks], &mut faults);
    let mut document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Waybill",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "token": [] }],
        "tags": TAGS.map(|(name, about)| json!({ "name": name, "description": about })),
        "paths": {},
        "webhooks": {},
        "components": {
            "securitySchemes": { "token": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An ID token from the deployment's OIDC issuer.",
            }},
            "headers": headers(),
            "schemas": {},
        },
    });
    // Moved: `json!` would copy what is most of the function's memory.
    document["paths"] = paths;
    document["webhooks"] = webhooks;
    document["components"]["schemas"] = schemas;
    Described { document, faults }
}
