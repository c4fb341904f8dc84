//! What a JSON Schema demands of a value beyond its type, in words.

use maud::{Markup, html};
use serde_json::Value;

use super::document::items;
use super::parts::{code, list};

/// In characters: a longer pattern is shown when it is asked for, because most of
/// them say in full what the description says in a word.
const LONGEST_PATTERN: usize = 24;

/// What a value of its kind must be besides.
pub(super) fn bounds(schema: &Value) -> Markup {
    let bounds = each_bound(schema);
    html! { @if !bounds.is_empty() { ul.bounds { @for bound in bounds { li { (bound) } } } } }
}

fn each_bound(schema: &Value) -> Vec<Markup> {
    let ranges = [
        ("minLength", "maxLength", " characters"),
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
        ("minProperties", "maxProperties", " members"),
    ];
    let ranges = ranges.into_iter().filter_map(|(least, most, unit)| {
        let range = range(schema.get(least), schema.get(most))?;
        Some(html! { (range) (unit) })
    });
    let values = schema.get("enum").map(|values| list(items(values).map(code), ", "));
    let value = schema.get("const").map(|value| html! { "always " (code(value)) });
    let pattern = schema["pattern"].as_str().map(pattern);
    let parts =
        [("items", "each "), ("propertyNames", "names "), ("additionalProperties", "values ")];
    let parts = parts.into_iter().filter_map(|(part, whose)| Some((schema.get(part)?, whose)));
    let parts = parts.flat_map(|(part, whose)| {
        each_bound(part).into_iter().map(move |bound| html! { (whose) (bound) })
    });
    ranges.chain(values).chain(value).chain(pattern).chain(parts).collect()
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

fn pattern(pattern: &str) -> Markup {
    html! {
        @if pattern.len() <= LONGEST_PATTERN { code { (pattern) } }
        @else { details { summary { "pattern" } code { (pattern) } } }
    }
}
