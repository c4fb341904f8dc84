//! JSON Schemas in words.

use std::slice;

use maud::{Markup, html};
use serde_json::Value;

use super::bounds::bounds;
use super::document::{Document, items, referred};
use super::fields::{self, Depth};
use super::parts::{code, list, prose};

/// A section for each schema that either document has; a name that both have means
/// the same in both.
pub(super) fn section(openapi: Document<'_>, asyncapi: Document<'_>) -> Markup {
    let all = [openapi, asyncapi].into_iter().flat_map(|document| {
        document.components("schemas").map(move |(name, schema)| (name, document, schema))
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(name, ..)| *name);
    all.dedup_by_key(|(name, ..)| *name);
    html! {
        section aria-labelledby="schemas" {
            h2 id="schemas" { "Schemas" }
            @for (name, document, schema) in all {
                article {
                    h3 id={ "schema-" (name) } { (name) }
                    (describe(document, schema, "Fields", Depth::Linked))
                }
            }
        }
    }
}

/// All that a schema says; an object's fields are a table.
pub(super) fn describe(
    document: Document<'_>,
    schema: &Value,
    caption: &str,
    depth: Depth,
) -> Markup {
    let is_object = schema.get("properties").is_some();
    let has_choices = choices(schema).next().is_some();
    html! {
        @if let Some(about) = schema["description"].as_str() { p { (prose(about)) } }
        @if is_object {
            (fields::table(document, caption, &fields::of(document, schema, depth), depth))
        }
        @if has_choices && depth == Depth::Whole {
            @for choice in choices(schema) {
                @let name = referred(choice).unwrap_or_default();
                @let caption = format!("{caption}, one way: {name}");
                (describe(document, document.follow(choice), &caption, depth))
            }
        } @else if has_choices {
            p { @if is_object { "And one of these:" } @else { "One of these:" } }
            ul { @for choice in choices(schema) { li { (choose(choice)) } } }
        } @else if !is_object {
            p { (kind(schema)) }
            (bounds(schema))
        }
    }
}

fn choose(choice: &Value) -> Markup {
    html! {
        @match choice.get("const") { Some(value) => (code(value)), None => (kind(choice)) }
        @if let Some(about) = choice["description"].as_str() { ": " (prose(about)) }
    }
}

/// What a value is: a link where the schema has a name.
pub(super) fn kind(schema: &Value) -> Markup {
    if let Some(name) = referred(schema) {
        return html! { a href={ "#schema-" (name) } { (name) } };
    }
    if choices(schema).next().is_some() {
        return list(choices(schema).map(kind), " or ");
    }
    let types = &schema["type"];
    let types = types.as_array().map_or(slice::from_ref(types), Vec::as_slice);
    let types = types.iter().map(|name| match name.as_str() {
        Some("array") => html! { "list of " (kind(&schema["items"])) },
        Some("object") if schema["additionalProperties"].is_object() => {
            html! { "object of " (kind(&schema["additionalProperties"])) }
        }
        Some(name) => html! { (name) },
        None => html! { "anything" },
    });
    let format = schema["format"].as_str();
    html! { (list(types, " or ")) @if let Some(format) = format { " (" (format) ")" } }
}

/// What a schema is of if it may also be null, and else itself.
pub(super) fn present(schema: &Value) -> &Value {
    let mut others = choices(schema).filter(|choice| choice["type"] != "null");
    match (others.next(), others.next()) {
        (Some(one), None) => one,
        _ => schema,
    }
}

fn choices(schema: &Value) -> impl Iterator<Item = &Value> {
    items(&schema["oneOf"]).chain(items(&schema["anyOf"]))
}
