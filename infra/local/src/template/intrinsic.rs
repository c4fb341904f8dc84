//! Resolves intrinsic functions, all of them, so that no reference dangles.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>

use serde_json::{Map, Value};

use super::Result;
use super::path::Path;
use super::scope::Scope;

/// `value` without intrinsic functions; `None` where it is `AWS::NoValue`,
/// which takes the property or list item that it stands in away.
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

/// Like [`resolve`], for what must be text; numbers and flags are written out.
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

/// A function is a map of one key, `Ref` or `Fn::…`.
fn intrinsic(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

fn apply(scope: &Scope, name: &str, argument: &Value, at: &Path) -> Result<Option<Value>> {
    match name {
        "Ref" => scope.reference(text(argument, at)?, at),
        "Fn::GetAtt" => get_att(scope, argument, at).map(Some),
        "Fn::Sub" => sub(scope, argument, at).map(Some),
        "Fn::Join" => join(scope, argument, at).map(Some),
        "Fn::Select" => select(scope, argument, at).map(Some),
        "Fn::Split" => split(scope, argument, at).map(Some),
        "Fn::FindInMap" => find_in_map(scope, argument, at).map(Some),
        "Fn::If" => {
            let [condition, yes, no] = arguments(argument, at)?;
            let (branch, index) =
                if scope.condition(text(condition, at)?, at)? { (yes, 1) } else { (no, 2) };
            resolve(scope, branch, &at.index(index))
        }
        _ => Err(at.error("the runner does not play this function")),
    }
}

/// `A.B`, `[A, B]`, or `[A, {Ref: …}]`: the attribute may be a reference.
fn get_att(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    if let Value::String(dotted) = argument {
        let (resource, attribute) =
            dotted.split_once('.').ok_or_else(|| at.error("must be Resource.Attribute"))?;
        return scope.attribute(resource, attribute, at).map(Value::String);
    }
    let [resource, attribute] = arguments(argument, at)?;
    let attribute = resolve_text(scope, attribute, &at.index(1))?;
    scope.attribute(text(resource, at)?, &attribute, at).map(Value::String)
}

fn sub(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let (pattern, variables) = match argument {
        Value::String(pattern) => (pattern.as_str(), Map::new()),
        list => {
            let [pattern, variables] = arguments(list, at)?;
            let variables =
                variables.as_object().ok_or_else(|| at.index(1).error("must be a map"))?;
            (text(pattern, at)?, resolve_map(scope, variables, &at.index(1))?)
        }
    };
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or_else(|| at.error("a ${ without its }"))?;
        out.push_str(before);
        match name.strip_prefix('!') {
            // `${!x}` is how a literal `${x}` is written.
            Some(literal) => out.extend(["${", literal, "}"]),
            None => out.push_str(&substitute(scope, &variables, name.trim(), at)?),
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(Value::String(out))
}

fn substitute(
    scope: &Scope,
    variables: &Map<String, Value>,
    name: &str,
    at: &Path,
) -> Result<String> {
    if let Some(value) = variables.get(name) {
        return resolve_text(scope, value, at);
    }
    match name.split_once('.') {
        Some((resource, attribute)) => scope.attribute(resource, attribute, at),
        None => resolve_text(scope, &scope.reference(name, at)?.unwrap_or_default(), at),
    }
}

fn join(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let [delimiter, list] = arguments(argument, at)?;
    let list = list_of(scope, list, &at.index(1))?;
    let parts: Vec<String> =
        list.iter().map(|part| resolve_text(scope, part, &at.index(1))).collect::<Result<_>>()?;
    Ok(Value::String(parts.join(text(delimiter, at)?)))
}

fn select(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let [index, list] = arguments(argument, at)?;
    let index = resolve_text(scope, index, &at.index(0))?;
    let list = list_of(scope, list, &at.index(1))?;
    let chosen = index.parse::<usize>().ok().and_then(|index| list.get(index));
    chosen.cloned().ok_or_else(|| at.error(format!("no item {index} in a list of {}", list.len())))
}

fn split(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let [delimiter, source] = arguments(argument, at)?;
    let source = resolve_text(scope, source, &at.index(1))?;
    Ok(source.split(text(delimiter, at)?).collect())
}

fn find_in_map(scope: &Scope, argument: &Value, at: &Path) -> Result<Value> {
    let [map, first, second] = arguments(argument, at)?;
    let map = resolve_text(scope, map, &at.index(0))?;
    let first = resolve_text(scope, first, &at.index(1))?;
    let second = resolve_text(scope, second, &at.index(2))?;
    scope
        .mapping(&map, &first, &second)
        .cloned()
        .ok_or_else(|| at.error(format!("no {map}.{first}.{second} in Mappings")))
}

fn list_of(scope: &Scope, value: &Value, at: &Path) -> Result<Vec<Value>> {
    match resolve(scope, value, at)? {
        Some(Value::Array(items)) => Ok(items),
        _ => Err(at.error("must be a list")),
    }
}

pub(super) fn arguments<'v, const N: usize>(value: &'v Value, at: &Path) -> Result<[&'v Value; N]> {
    let items: Vec<&Value> = value.as_array().into_iter().flatten().collect();
    items.try_into().map_err(|_| at.error(format!("must be a list of {N}")))
}

pub(super) fn text<'v>(value: &'v Value, at: &Path) -> Result<&'v str> {
    value.as_str().ok_or_else(|| at.error("must be a string"))
}
