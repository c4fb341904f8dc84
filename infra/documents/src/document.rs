//! Access to the parts of an OpenAPI document; absent parts count as empty.

use serde_json::Value;

/// The media type of problems.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// An OpenAPI document; values in it may refer to other parts of it.
#[derive(Clone, Copy)]
pub(crate) struct Document<'a>(pub(crate) &'a Value);

impl<'a> Document<'a> {
    /// Returns `value`, or the component that it refers to.
    pub(crate) fn follow(self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        target.map_or(value, |target| self.0.pointer(target).unwrap_or(&Value::Null))
    }

    /// Returns every operation as (tag, method, path, operation), in the document's order.
    pub(crate) fn operations(self) -> impl Iterator<Item = (&'a str, &'a str, &'a str, &'a Value)> {
        members(&self.0["paths"]).flat_map(|(path, methods)| {
            members(methods).map(move |(method, it)| (text(&it["tags"][0]), method, path, it))
        })
    }
}

/// Returns the name of the component that `value` refers to.
pub(crate) fn referred(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

/// Returns the members of an object; none for any other value.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// Returns the items of an array; none for any other value.
pub(crate) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Returns a string; an empty one for any other value.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Returns the examples of a media type's content.
pub(crate) fn examples(content: &Value) -> impl Iterator<Item = &Value> {
    let several = members(&content["examples"]).filter_map(|(_, example)| example.get("value"));
    content.get("example").into_iter().chain(several)
}
