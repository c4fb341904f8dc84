//! Resolves all intrinsic functions of a template, so that dangling references are found.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use serde_json::{Map, Value};

use super::Result;
use super::path::Path;
use super::scope::Scope;

/// Returns `value` without intrinsic functions, or `None` for `AWS::NoValue`, which removes the
/// property or list item that contains it.
pub(super) fn resolve(scope: &Scope, value: &Value, at: &Path) -> Result<Option<Value>> {
    match value {
        Value::Array(items) => resolve_list(scope, items, at).map(Value::Array).map(Some),
        Value::Object(map) => match intrinsic(map) {
            Some((name, argument)) => apply(scope, name, argument, &at.key(name)),
            None => resolve_map(scope, map, at).map(Value::Object).map(Some),
        },
        scalar => Ok(Some(scalar.clone())),
    }
}

/// Like [`resolve`], for a value that must be text; numbers and booleans are converted.
pub(super) fn resolve_text(scope: &Scope, value: &Value, at: &Path) -> Result<String> {
    match resolve(scope, value, at)? {
        Some(Value::String(text)) => Ok(text),
        Some(Value::Number(number)) => Ok(number.to_string()),
        Some(Value::Bool(flag)) => Ok(flag.to_string()),
        _ => Err(at.error("must be a string")),
    }
}

pub(super) fn resolve_map(
    scope: &Scope,
    map: &Map<String, Value>,
    at: &Path,
) -> Result<Map<String, Value>> {
    let mut resolved = Map::new();
    for (key, value) in map {
        if let Some(value) = resolve(scope, value, &at.key(key))? {
            resolved.insert(key.clone(), value);
        }
    }
    Ok(resolved)
}

fn resolve_list(scope: &Scope, items: &[Value], at: &Path) -> Result<Vec<Value>> {
    let resolved = items.iter().enumerate().map(|(i, item)| resolve(scope, item, &at.index(i)));
    resolved.filter_map(Result::transpose).collect()
}

/// Returns the name and argument of an intrinsic function: a map with one key, `Ref` or `Fn::…`.
fn intrinsic(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

fn apply(scope: &Scope, name: &str, argument: &Value, at: &Path) -> Result<Option<Value>> {
    match name {
        "Ref" => scope.reference(text(argument, at)?, at),
        "Fn::GetAtt" => get_att(scope, text(argument, at)?, at).map(Some),
        "Fn::Sub" => sub(scope, text(argument, at)?, at).map(Some),
        "Fn::If" => choose(scope, argument, at),
        "Fn::Split" => split(scope, argument, at).map(Some),
        _ => Err(at.error("the runner does not support this function")),
    }
}

/// Resolves `A.B`, as the short form writes it.
fn get_att(scope: &Scope, dotted: &str, at: &Path) -> Result<Value> {
    let (resource, attribute) =
        dotted.split_once('.').ok_or_else(|| at.error("must be Resource.Attribute"))?;
    scope.attribute(resource, attribute, at).map(Value::String)
}

fn sub(scope: &Scope, pattern: &str, at: &Path) -> Result<Value> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or_else(|| at.error("a ${ without its }"))?;
        out.push_str(before);
        out.push_str(&substitute(scope, name, at)?);
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

fn substitute(scope: &Scope, name: &str, at: &Path) -> Result<String> {
    match name.split_once('.') {
        Some((resource, attribute)) => scope.attribute(resource, attribute, at),
        None => resolve_text(scope, &scope.reference(name, at)?.unwrap_or_default(), at),
    }
}

fn split(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let [separator, whole] = arguments(argument, at)?;
    let whole = resolve_text(scope, whole, at)?;
    let parts = whole.split(text(separator, at)?).map(|part| Value::String(part.to_owned()));
    Ok(Value::Array(parts.collect()))
}

/// Resolves the branch that the condition selects. The other branch is for other stacks, but its
/// references must exist in the template as well.
fn choose(scope: &Scope, argument: &Value, at: &Path) -> Result<Option<Value>> {
    let [condition, yes, no] = arguments(argument, at)?;
    let (yes, no) = ((yes, at.index(1)), (no, at.index(2)));
    let holds = scope.condition(text(condition, at)?, at)?;
    let (taken, other) = if holds { (yes, no) } else { (no, yes) };
    resolve(&scope.of_any_stack(), other.0, &other.1)?;
    resolve(scope, taken.0, &taken.1)
}

pub(super) fn arguments<'v, const N: usize>(value: &'v Value, at: &Path) -> Result<[&'v Value; N]> {
    let items: Vec<&Value> = value.as_array().into_iter().flatten().collect();
    items.try_into().map_err(|_| at.error(format!("must be a list of {N}")))
}

pub(super) fn text<'v>(value: &'v Value, at: &Path) -> Result<&'v str> {
    value.as_str().ok_or_else(|| at.error("must be a string"))
}
