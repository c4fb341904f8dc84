//! Parses CloudFormation's YAML into JSON, with short tags expanded.

use serde_json::{Map, Value};
use yaml_serde::Value as Yaml;
use yaml_serde::value::TaggedValue;

use super::path::Path;
use super::{Result, TemplateError};

/// Parses the document in `text`; `!Sub x` becomes `{"Fn::Sub": "x"}`.
///
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
pub(super) fn parse(text: &str) -> Result<Value> {
    let yaml: Yaml = yaml_serde::from_str(text).map_err(TemplateError::Syntax)?;
    to_json(yaml, &Path::root())
}

fn to_json(yaml: Yaml, at: &Path) -> Result<Value> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::Number(number) => number_to_json(&number, at)?,
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => items
            .into_iter()
            .enumerate()
            .map(|(index, item)| to_json(item, &at.index(index)))
            .collect::<Result<_>>()?,
        Yaml::Mapping(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = key_to_string(&key, at)?;
                let value = to_json(value, &at.key(&key))?;
                map.insert(key, value);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => long_form(*tagged, at)?,
    })
}

/// Keys are strings, but YAML reads an unquoted `200:` as a number.
fn key_to_string(key: &Yaml, at: &Path) -> Result<String> {
    match key {
        Yaml::String(text) => Ok(text.clone()),
        Yaml::Number(number) => Ok(number.to_string()),
        _ => Err(at.error("a key must be a string")),
    }
}

fn number_to_json(number: &yaml_serde::Number, at: &Path) -> Result<Value> {
    let json = match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(integer), _, _) => Some(integer.into()),
        (_, Some(integer), _) => Some(integer.into()),
        (_, _, Some(float)) => serde_json::Number::from_f64(float),
        _ => None,
    };
    json.map(Value::Number).ok_or_else(|| at.error(format!("the number {number} has no JSON form")))
}

fn long_form(tagged: TaggedValue, at: &Path) -> Result<Value> {
    let tag = tagged.tag.to_string();
    let name = match tag.trim_start_matches('!') {
        "Ref" => "Ref".to_owned(),
        name => format!("Fn::{name}"),
    };
    let argument = to_json(tagged.value, &at.key(&name))?;
    Ok(Value::Object(Map::from_iter([(name, argument)])))
}
