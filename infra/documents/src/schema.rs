//! JSON Schemas as Markdown: types, bounds, and tables of fields.

use std::fmt::Write;
use std::slice;

use serde_json::Value;

use crate::document::{Document, items, members, referred, text};

/// The maximum number of levels of nested fields in a table; a schema may contain itself.
const DEEPEST: usize = 5;

/// The maximum length of a pattern in a table. A longer one is left out, because the description
/// says the same in words.
const LONGEST_PATTERN: usize = 24;

/// Returns a table of an object's fields; with `nested`, also of the fields of nested objects.
pub(crate) fn fields(document: Document<'_>, schema: &Value, nested: bool) -> String {
    let mut rows = String::new();
    push_rows(document, schema, "", if nested { DEEPEST } else { 0 }, &mut rows);
    if rows.is_empty() {
        return String::new();
    }
    format!("| field | type | required | description |\n|---|---|---|---|\n{rows}\n")
}

fn push_rows(
    document: Document<'_>,
    schema: &Value,
    prefix: &str,
    depth: usize,
    rows: &mut String,
) {
    for (name, field) in members(&schema["properties"]) {
        let is_required = items(&schema["required"]).any(|it| it == name);
        let target = document.follow(present(field));
        let description = field["description"].as_str().unwrap_or(text(&target["description"]));
        let required = if is_required { "yes" } else { "" };
        let of = if depth > 0 { target } else { field };
        let about = cell(description, of);
        let mut objects = choices(target).map(|it| document.follow(it));
        let object = objects.find(|it| it.get("properties").is_some());
        let (inner, suffix, object) = match (target.get("items"), object) {
            (Some(item), _) => (document.follow(item), "[].", "list of objects"),
            (None, Some(object)) => (object, ".", "string or object"),
            (None, None) => (target, ".", "object"),
        };
        // The fields of a nested object follow in the same table.
        let is_nested = depth > 0 && inner.get("properties").is_some();
        let kind = if is_nested { object.to_owned() } else { kind(field) };
        let _ = writeln!(rows, "| `{prefix}{name}` | {kind} | {required} | {about} |");
        if let Some(depth) = depth.checked_sub(1) {
            push_rows(document, inner, &format!("{prefix}{name}{suffix}"), depth, rows);
        }
    }
}

/// Returns the cell of a table with a description and the bounds of a value.
pub(crate) fn cell(description: &str, schema: &Value) -> String {
    let bounds = bounds(schema);
    let space = if description.is_empty() || bounds.is_empty() { "" } else { " " };
    format!("{description}{space}{bounds}").replace('\n', " ").replace('|', "\\|")
}

/// Returns the type of a value; a link if its schema is a named component.
pub(crate) fn kind(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return format!("[{name}](#schema-{})", name.to_lowercase());
    }
    if choices(schema).next().is_some() {
        let mut kinds: Vec<_> =
            choices(schema).filter(|it| it["type"] != "null").map(kind).collect();
        kinds.dedup();
        return kinds.join(" or ");
    }
    let types = &schema["type"];
    let types = types.as_array().map_or(slice::from_ref(types), Vec::as_slice);
    let names = types.iter().filter(|name| *name != "null").map(|name| match name.as_str() {
        Some("array") => format!("list of {}", kind(&schema["items"])),
        Some("object") if schema["additionalProperties"].is_object() => {
            format!("object of {}", kind(&schema["additionalProperties"]))
        }
        Some(name) => name.to_owned(),
        None => match schema.get("const") {
            Some(value) => format!("`{value}`"),
            None => "any".to_owned(),
        },
    });
    names.collect::<Vec<_>>().join(" or ")
}

/// Returns the bounds of a value beyond its type, in parentheses, or nothing.
fn bounds(schema: &Value) -> String {
    let ranges = [
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
        ("minProperties", "maxProperties", " members"),
    ];
    let ranges = ranges.into_iter().filter_map(|(least, most, unit)| {
        Some(format!("{}{unit}", range(schema.get(least), schema.get(most))?))
    });
    let values = schema.get("enum").map(|values| {
        items(values).map(|it| format!("`{}`", text(it))).collect::<Vec<_>>().join(", ")
    });
    let pattern = schema["pattern"].as_str().filter(|it| it.len() <= LONGEST_PATTERN);
    let bounds: Vec<_> = ranges.chain(values).chain(pattern.map(|it| format!("`{it}`"))).collect();
    if bounds.is_empty() { String::new() } else { format!("({})", bounds.join("; ")) }
}

fn range(least: Option<&Value>, most: Option<&Value>) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) if least == most => Some(least.to_string()),
        (Some(least), Some(most)) => Some(format!("{least} to {most}")),
        (Some(least), None) => Some(format!("at least {least}")),
        (None, Some(most)) => Some(format!("at most {most}")),
        (None, None) => None,
    }
}

/// Returns the schema of a nullable value without the null, or the schema itself.
pub(crate) fn present(schema: &Value) -> &Value {
    let mut others = choices(schema).filter(|choice| choice["type"] != "null");
    match (others.next(), others.next()) {
        (Some(one), None) => one,
        _ => schema,
    }
}

/// Returns the alternatives of a schema.
pub(crate) fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    items(&schema["oneOf"]).chain(items(&schema["anyOf"]))
}
