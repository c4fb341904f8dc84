//! The page has all of the documents, its links lead somewhere, and what it says
//! is never markup.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use axum::Router;
use axum::body::{Body, to_bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use functions::contract::{asyncapi, openapi};
use http::{HeaderMap, Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::document::{Document, items, members, text};
use super::page::page;
use super::routes;

const URL: &str = "http://127.0.0.1:3000";

fn rendered(openapi: &Value, asyncapi: &Value) -> String {
    page(Document(openapi), Document(asyncapi), URL).into_string()
}

/// The page of the documents as they are.
fn whole() -> String {
    rendered(&openapi().document, &asyncapi().document)
}

/// Every value of an attribute, in order.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    page.split(&begin).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn everything_in_the_documents_is_on_the_page() {
    let (openapi, asyncapi) = (openapi().document, asyncapi().document);
    let page = rendered(&openapi, &asyncapi);
    let ids: BTreeSet<_> = values(&page, "id").into_iter().collect();
    let operations = members(&openapi["paths"]).flat_map(|(_, methods)| members(methods));
    let operations = operations.map(|(_, operation)| text(&operation["operationId"]).to_owned());
    let schemas = [&openapi, &asyncapi].map(|it| members(&it["components"]["schemas"]));
    let schemas = schemas.into_iter().flatten().map(|(name, _)| format!("schema-{name}"));
    let messages = members(&asyncapi["components"]["messages"]);
    let messages = messages.map(|(name, _)| format!("message-{name}"));
    let expected: Vec<_> = operations.chain(schemas).chain(messages).collect();
    assert!(expected.len() > 100, "{expected:?}");
    for id in expected {
        assert!(ids.contains(&*id), "{id} is not on the page");
    }
}

#[test]
fn a_schema_means_the_same_in_both_documents() {
    let (openapi, asyncapi) = (openapi().document, asyncapi().document);
    for (name, schema) in members(&asyncapi["components"]["schemas"]) {
        let other = &openapi["components"]["schemas"][name];
        assert!(other.is_null() || other == schema, "{name}: {other} and {schema}");
    }
}

/// All that the page shows of a schema, `title` being the name that it has; what
/// `not` rules out, the description beside it says.
const SHOWN: [&str; 24] = [
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "not",
    "oneOf",
    "pattern",
    "properties",
    "propertyNames",
    "required",
    "title",
    "type",
];

fn assert_shown(schema: &Value) {
    for (keyword, said) in members(schema) {
        assert!(SHOWN.contains(&keyword), "{keyword} of {schema}");
        match keyword {
            "properties" => members(said).for_each(|(_, schema)| assert_shown(schema)),
            "oneOf" | "anyOf" => items(said).for_each(assert_shown),
            "items" | "propertyNames" | "additionalProperties" => assert_shown(said),
            _ => {}
        }
    }
}

#[test]
fn schemas_say_nothing_that_the_page_leaves_out() {
    for document in [openapi().document, asyncapi().document] {
        let schemas = members(&document["components"]["schemas"]);
        schemas.for_each(|(_, schema)| assert_shown(schema));
    }
}

#[test]
fn links_lead_somewhere_and_headings_skip_no_level() {
    let page = whole();
    let ids = values(&page, "id");
    let unique: BTreeSet<_> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "an id is there twice");
    let links = values(&page, "href").into_iter().filter_map(|link| link.strip_prefix('#'));
    let targets = links.chain(values(&page, "aria-labelledby"));
    let lost: BTreeSet<_> = targets.filter(|target| !unique.contains(target)).collect();
    assert_eq!(lost, BTreeSet::new());
    let levels =
        page.match_indices("<h").filter_map(|(at, _)| page[at + 2..].chars().next()?.to_digit(10));
    let levels: Vec<_> = levels.collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn what_a_document_says_is_text() {
    const HOSTILE: &str = "\"><script>alert(1)</script>`<b>`</style>";
    let schema = json!({
        "type": "object",
        "description": HOSTILE,
        "required": [HOSTILE],
        "properties": { HOSTILE: {
            "type": HOSTILE, "format": HOSTILE, "enum": [HOSTILE], "pattern": HOSTILE,
        }},
    });
    let body = json!({ "schema": schema, "examples": { HOSTILE: { "value": HOSTILE } } });
    let header = json!({ HOSTILE: { "description": HOSTILE, "schema": schema } });
    let openapi = json!({
        "info": { "title": HOSTILE, "version": HOSTILE, "description": HOSTILE },
        "paths": { HOSTILE: { HOSTILE: {
            "operationId": HOSTILE,
            "tags": [HOSTILE],
            "summary": HOSTILE,
            "parameters": [{ "name": HOSTILE, "in": "query", "schema": schema }],
            "requestBody": { "content": { "application/json": body, HOSTILE: body } },
            "responses": { HOSTILE: {
                "description": HOSTILE,
                "headers": header,
                "content": { "application/problem+json": body, HOSTILE: body },
            }},
        }}},
        "components": { "schemas": { HOSTILE: schema }, "headers": header },
    });
    let asyncapi = json!({
        "info": { "title": HOSTILE, "description": HOSTILE },
        "operations": { HOSTILE: {
            "action": "send",
            "title": HOSTILE,
            "messages": [{ "$ref": format!("#/components/messages/{HOSTILE}") }],
        }},
        "components": { "schemas": { "Other": schema } },
    });
    let page = rendered(&openapi, &asyncapi);
    assert!(page.contains("&lt;script&gt;"));
    assert!(!page.contains("<script") && !page.contains("<b>`"), "{page}");
    assert_eq!(page.matches("</style>").count(), 1);
}

#[test]
fn a_schema_that_contains_itself_ends() {
    let node = json!({ "type": "object", "properties": {
        "next": { "$ref": "#/components/schemas/Node" },
        "self": { "type": "array", "items": { "$ref": "#/components/schemas/Node" } },
    }});
    let openapi = json!({
        "paths": { "/": { "post": { "requestBody": { "content": {
            "application/json": { "schema": { "$ref": "#/components/schemas/Node" } },
        }}}}},
        "components": { "schemas": {
            "Node": node,
            "Loop": { "$ref": "#/components/schemas/Loop" },
        }},
    });
    assert!(rendered(&openapi, &Value::Null).contains("<code>next.self[].next</code>"));
}

/// What is answered to `GET /docs`.
async fn get() -> (HeaderMap, String) {
    let routes: Router = routes(URL.to_owned());
    let request = Request::get("/docs").body(Body::empty()).unwrap();
    let (parts, body) = routes.oneshot(request).await.unwrap().into_parts();
    assert_eq!(parts.status, 200);
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_page_is_served_as_one_that_needs_nothing_else() {
    let (headers, page) = get().await;
    assert_eq!(page, whole());
    assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let style = STANDARD.encode(digest(&SHA256, style.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(headers["content-security-policy"], policy);
    for loaded in ["<script", "<link", "<img", "<iframe", " src=", " style=", "@import", "url("] {
        assert!(!page.contains(loaded), "{loaded}");
    }
    let links = values(&page, "href");
    assert!(links.iter().all(|link| link.starts_with(['#', '/'])), "{links:?}");
}
