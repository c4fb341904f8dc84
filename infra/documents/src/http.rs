//! `docs/reference/http.md`: every endpoint, from the OpenAPI document.

use std::fmt::Write;

use functions::contract::openapi;
use serde_json::Value;

use crate::document::{Document, examples, items, members, text};
use crate::schema::{bounds, choices, fields, kind, sentence};

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
    let schemas = members(&document.0["components"]["schemas"]);
    for (name, schema) in schemas.filter(|it| !is_request(document, it.0)) {
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
        let about = sentence(&[about.to_owned(), bounds(schema)]);
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
        let problems = members(&content["application/problem+json"]["examples"]);
        let problems: Vec<_> = problems.filter(|(name, _)| !COMMON.contains(name)).collect();
        let is_error = status.starts_with(['4', '5']);
        if is_error && problems.is_empty() {
            continue;
        }
        let problems = problems.into_iter().map(|(name, _)| format!("[{name}](errors.md#{name})"));
        let problems = problems.collect::<Vec<_>>().join(", ");
        let bodies = members(content).filter(|(media, _)| *media != "application/problem+json");
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

/// Returns true for the schema of a request body, which is described at its endpoint.
fn is_request(document: Document<'_>, name: &str) -> bool {
    document.operations().any(|(.., operation)| {
        let id = text(&operation["operationId"]);
        let schema = name.strip_suffix("Several").unwrap_or(name);
        let is_nested =
            schema.len() > id.len() && schema.to_lowercase().starts_with(&id.to_lowercase());
        let is_nested = is_nested && schema.as_bytes()[id.len()].is_ascii_uppercase();
        schema.eq_ignore_ascii_case(id) || is_nested
    })
}

fn component(document: Document<'_>, name: &str, schema: &Value) -> String {
    let id = name.to_lowercase();
    let mut part = format!("### {name}\n\n<a id=\"schema-{id}\"></a>");
    let about = sentence(&[text(&schema["description"]).to_owned(), bounds(schema)]);
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
