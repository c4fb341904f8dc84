//! One of the two documents, as JSON that is asked for what it may not have.

use serde_json::Value;

/// References that lead to references: a message of an operation is one of its
/// channel's, and that is one of the components.
const MOST_REFERENCES: usize = 4;

/// A document, whole; what is within it may refer to other parts of it.
#[derive(Clone, Copy)]
pub(super) struct Document<'a>(pub(super) &'a Value);

impl<'a> Document<'a> {
    /// `value` itself, or what it refers to.
    pub(super) fn follow(self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..MOST_REFERENCES {
            let target = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
            let Some(target) = target else { break };
            value = self.0.pointer(target).unwrap_or(&Value::Null);
        }
        value
    }

    /// The components of a kind, such as `schemas`.
    pub(super) fn components(self, kind: &str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        members(&self.0["components"][kind])
    }
}

/// The name of the component that `value` refers to.
pub(super) fn referred(value: &Value) -> Option<&str> {
    value["$ref"].as_str()?.rsplit('/').next()
}

/// The members of an object; what is no object has none.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The items of an array; what is no array has none.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// A string; what is no string is an empty one.
pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The examples of a body's content.
pub(super) fn examples(content: &Value) -> impl Iterator<Item = &Value> {
    let several = members(&content["examples"]).filter_map(|(_, example)| example.get("value"));
    content.get("example").into_iter().chain(several)
}

/// Indented JSON; text that is no JSON stays as it is.
pub(super) fn pretty(value: &Value) -> String {
    value.as_str().map_or_else(|| format!("{value:#}"), str::to_owned)
}
