//! Tables of fields: of bodies, parameters, headers and schemas alike.

use maud::{Markup, html};
use serde_json::Value;

use super::bounds::bounds;
use super::document::{Document, items, members, text};
use super::parts::{head, prose};
use super::schema::{kind, present};

/// How deep fields of fields are shown; a schema may contain itself.
const DEEPEST: usize = 5;

/// What becomes of the schemas that fields refer to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// They are where their links lead.
    Linked,
    /// They stand in the table too, so that it tells all.
    Whole,
}

/// A field, or a parameter or a header.
pub(super) struct Field<'a> {
    /// With the fields that it is within, as in `items[].sku`.
    pub(super) name: String,
    pub(super) schema: &'a Value,
    pub(super) is_required: bool,
    /// What it is for, if its schema does not say that.
    pub(super) about: Option<&'a str>,
}

/// The fields of an object's schema.
pub(super) fn of<'a>(document: Document<'a>, schema: &'a Value, depth: Depth) -> Vec<Field<'a>> {
    let deepest = if depth == Depth::Whole { DEEPEST } else { 0 };
    within(document, schema, "", deepest)
}

fn within<'a>(
    document: Document<'a>,
    schema: &'a Value,
    prefix: &str,
    deepest: usize,
) -> Vec<Field<'a>> {
    let is_required = |name: &str| items(&schema["required"]).any(|it| it == name);
    let mut fields = Vec::new();
    for (name, schema) in members(&schema["properties"]) {
        let (is_required, name) = (is_required(name), format!("{prefix}{name}"));
        let (object, suffix) = object(document, schema);
        let inner = match deepest.checked_sub(1) {
            Some(deepest) => within(document, object, &format!("{name}{suffix}"), deepest),
            None => Vec::new(),
        };
        fields.push(Field { name, schema, is_required, about: None });
        fields.extend(inner);
    }
    fields
}

/// What may have fields of its own, and what stands between its name and theirs.
fn object<'a>(document: Document<'a>, schema: &'a Value) -> (&'a Value, &'static str) {
    let schema = document.follow(present(schema));
    match schema.get("items") {
        Some(item) => (document.follow(item), "[]."),
        None => (schema, "."),
    }
}

/// The fields in a table; one without fields says so.
pub(super) fn table(
    document: Document<'_>,
    caption: &str,
    fields: &[Field<'_>],
    depth: Depth,
) -> Markup {
    html! {
        table {
            caption { (caption) @if fields.is_empty() { ": no fields" } }
            @if !fields.is_empty() {
                (head(&["Name", "Type", "Required", "Bounds", "Description"]))
                tbody { @for field in fields { (row(document, field, depth)) } }
            }
        }
    }
}

fn row(document: Document<'_>, field: &Field<'_>, depth: Depth) -> Markup {
    let schema = field.schema;
    let target = document.follow(present(schema));
    let bounded = if depth == Depth::Whole { target } else { schema };
    let own = field.about.or(schema["description"].as_str());
    html! {
        tr {
            th scope="row" { code { (field.name) } }
            td { (kind(schema)) }
            td { @if field.is_required { "yes" } }
            td { (bounds(bounded)) }
            td { (prose(own.unwrap_or_else(|| text(&target["description"])))) }
        }
    }
}
