//! `docs/reference/http.md`: every endpoint, from the OpenAPI document.

use std::collections::BTreeSet;
use std::fmt::Write;

use functions::contract::openapi;
use serde_json::Value;

use crate::document::{Document, PROBLEM, examples, items, members, referred, text};
use crate::schema::{cell, choices, fields, kind};

/// Returns the page in Markdown.
pub fn page() -> String {
    let document = openapi().document;
    let document = Document(&document);
    let mut tags: Vec<&str> = Vec::new();
    for (tag, ..) in document.operations() {
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut page = format!("{HEAD}{}\n\n", text(&document.0["info"]["description"]));
    page.push_str(&contents(document, &tags));
    for tag in tags {
        let _ = writeln!(page, "## {tag}\n");
        for (_, method, path, operation) in document.operations().filter(|it| it.0 == tag) {
            page.push_str(&describe(document, method, path, operation));
        }
    }
    page.push_str("## Response headers\n\n");
    for (name, header) in members(&document.0["components"]["headers"]) {
        let _ = writeln!(page, "- `{name}`: {}", text(&header["description"]));
    }
    page.push_str("\n## Schemas\n\n");
    let shared = shared(document);
    for (name, schema) in members(&document.0["components"]["schemas"]) {
        let is_object = schema.get("properties").is_some() || choices(schema).next().is_some();
        if is_object && !shared.contains(name) {
            continue;
        }
        page.push_str(&component(document, name, schema));
    }
    page.trim_end().to_owned() + "\n"
}

const HEAD: &str = "\
# HTTP reference

For developers who call the API: every endpoint with its parameters, body and responses. This \
page is generated from the OpenAPI document, which the system serves as `GET /openapi.json`; run \
`cargo run --bin documents` after a change. The runner also serves it as an interactive page at \
`/docs`. The rules that hold across endpoints are in [orders.md](orders.md), tokens in \
[authentication.md](authentication.md), problems in [errors.md](errors.md).

Besides the responses listed with it, an endpoint can return 500 [internal](errors.md#internal), \
503 [unavailable](errors.md#unavailable), and the [errors of API \
Gateway](errors.md#errors-of-api-gateway) such as 401 and 429; an endpoint with a body also 400 \
[invalid-json](errors.md#invalid-json), 413 [too-large](errors.md#too-large) and 415 \
[unsupported-media-type](errors.md#unsupported-media-type); an endpoint with a header parameter also \
400 [invalid-header](errors.md#invalid-header).

";

fn contents(document: Document<'_>, tags: &[&str]) -> String {
    let mut table = "| endpoint | |\n|---|---|\n".to_owned();
    for tag in tags {
        for (_, method, path, operation) in document.operations().filter(|it| it.0 == *tag) {
            let (method, id) = (method.to_uppercase(), anchor(operation));
            let summary = text(&operation["summary"]);
            let _ = writeln!(table, "| `{method} {path}` | [{summary}](#{id}) |");
        }
    }
    table.push('\n');
    table
}

fn anchor(operation: &Value) -> String {
    text(&operation["operationId"]).to_lowercase()
}

fn describe(document: Document<'_>, method: &str, path: &str, operation: &Value) -> String {
    let (summary, id) = (text(&operation["summary"]), anchor(operation));
    let method = method.to_uppercase();
    let mut part = format!("### {summary}\n\n<a id=\"{id}\"></a>`{method} {path}`\n\n");
    if let Some(about) = operation["description"].as_str() {
        let _ = writeln!(part, "{about}\n");
    }
    if operation["security"].as_array().is_some_and(Vec::is_empty) {
        part.push_str("No token required.\n\n");
    }
    part.push_str(&parameters(document, operation));
    let body = &operation["requestBody"]["content"]["application/json"];
    part.push_str(&request(document, body));
    part.push_str(&responses(document, &operation["responses"]));
    part
}

fn parameters(document: Document<'_>, operation: &Value) -> String {
    let mut rows = String::new();
    for it in items(&operation["parameters"]) {
        let schema = document.follow(&it["schema"]);
        let about = it["description"].as_str().unwrap_or(text(&schema["description"]));
        let about = cell(about, schema);
        let required = if it["required"] == true { "yes" } else { "" };
        let (name, place, kind) = (text(&it["name"]), text(&it["in"]), kind(&it["schema"]));
        let _ = writeln!(rows, "| `{name}` | {place} | {kind} | {required} | {about} |");
    }
    if rows.is_empty() {
        return rows;
    }
    format!("| parameter | in | type | required | description |\n|---|---|---|---|---|\n{rows}\n")
}

fn request(document: Document<'_>, body: &Value) -> String {
    let schema = document.follow(&body["schema"]);
    let mut part = String::new();
    for form in choices(schema).chain(schema.get("properties").is_some().then_some(schema)) {
        let table = fields(document, document.follow(form), true);
        if !table.is_empty() {
            let _ = write!(part, "Request body:\n\n{table}");
        }
    }
    for example in examples(body).take(1) {
        let _ = writeln!(part, "```json\n{example}\n```\n");
    }
    part
}

/// Problems that any endpoint can return, which the page lists once.
const COMMON: [&str; 6] = [
    "internal",
    "invalid-header",
    "invalid-json",
    "too-large",
    "unavailable",
    "unsupported-media-type",
];

fn responses(document: Document<'_>, responses: &Value) -> String {
    let mut rows = String::new();
    for (status, response) in members(responses) {
        let response = document.follow(response);
        let content = &response["content"];
        let problems = members(&content[PROBLEM]["examples"]);
        let problems: Vec<_> = problems.filter(|(name, _)| !COMMON.contains(name)).collect();
        let is_error = status.starts_with(['4', '5']);
        if is_error && problems.is_empty() {
            continue;
        }
        let problems = problems.into_iter().map(|(name, _)| format!("[{name}](errors.md#{name})"));
        let problems = problems.collect::<Vec<_>>().join(", ");
        let bodies = members(content).filter(|(media, _)| *media != PROBLEM);
        let bodies: Vec<_> = bodies
            .filter(|_| !is_error)
            .map(|(media, it)| match media {
                "application/json" => kind(&it["schema"]),
                media => format!("`{media}`"),
            })
            .collect();
        let about =
            if problems.is_empty() { text(&response["description"]).to_owned() } else { problems };
        let _ = writeln!(rows, "| {status} | {about} | {} |", bodies.join(" or "));
    }
    format!("| status | meaning | body |\n|---|---|---|\n{rows}\n")
}

/// Returns the names of the schemas that a response or a parameter refers to, directly or through
/// other schemas. An object beside them is of a request body, which its endpoint describes.
fn shared(document: Document<'_>) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (.., operation) in document.operations() {
        collect(document, &operation["responses"], &mut found);
        collect(document, &operation["parameters"], &mut found);
    }
    found
}

fn collect<'a>(document: Document<'a>, value: &'a Value, found: &mut BTreeSet<&'a str>) {
    if let Some(name) = referred(value) {
        if found.insert(name) {
            collect(document, document.follow(value), found);
        }
        return;
    }
    members(value).for_each(|(_, member)| collect(document, member, found));
    items(value).for_each(|item| collect(document, item, found));
}

fn component(document: Document<'_>, name: &str, schema: &Value) -> String {
    let id = name.to_lowercase();
    let mut part = format!("### {name}\n\n<a id=\"schema-{id}\"></a>");
    let about = cell(text(&schema["description"]), schema);
    let about = if about.is_empty() { kind(schema) } else { about };
    let _ = writeln!(part, "{about}\n");
    part.push_str(&fields(document, schema, false));
    let mut alternatives = String::new();
    for choice in choices(schema) {
        let value =
            choice.get("const").map_or_else(|| kind(choice), |it| format!("`{}`", text(it)));
        let about = text(&choice["description"]).replace('\n', " ");
        let dash = if about.is_empty() { "" } else { ": " };
        let _ = writeln!(alternatives, "- {value}{dash}{about}");
    }
    if !alternatives.is_empty() {
        let _ = writeln!(part, "One of:\n\n{alternatives}");
    }
    part
}
