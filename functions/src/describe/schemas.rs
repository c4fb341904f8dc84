//! JSON Schemas of responses and messages.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// Creates a generator with the settings that the `OpenAPI` and `AsyncAPI` documents share.
pub(crate) fn generator() -> SchemaGenerator {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    settings.into_generator()
}

/// Takes the collected schemas, and moves the titled ones of `others` to them, replaced by
/// references: generated clients need a name for each object.
pub(crate) fn taken(
    generator: &mut SchemaGenerator,
    others: &mut [&mut Value],
    faults: &mut Vec<String>,
) -> Value {
    let mut schemas = generator.take_definitions(true);
    schemas.values_mut().for_each(without_needless_null);
    schemas.values_mut().for_each(names_in_one);
    let mut titled = Map::new();
    let values = schemas.values_mut().chain(others.iter_mut().map(|it| &mut **it));
    values.for_each(|value| take_titled(value, &mut titled, faults));
    for (title, schema) in titled {
        insert(&mut schemas, title, schema, faults);
    }
    schemas.into()
}

fn insert(
    schemas: &mut Map<String, Value>,
    title: String,
    schema: Value,
    faults: &mut Vec<String>,
) {
    if schemas.get(&title).is_some_and(|other| *other != schema) {
        faults.push(format!("two schemas are called {title}"));
    }
    schemas.insert(title, schema);
}

fn take_titled(value: &mut Value, titled: &mut Map<String, Value>, faults: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(|it| take_titled(it, titled, faults));
        }
        Value::Array(items) => {
            for item in items {
                take_titled(item, titled, faults);
            }
        }
        _ => {}
    }
    if value.get("type").is_some_and(|kind| kind == "object")
        && let Some(Value::String(title)) = value.get("title").cloned()
    {
        let refer = json!({ "$ref": format!("#/components/schemas/{title}") });
        insert(titled, title, std::mem::replace(value, refer), faults);
    }
}

/// Merges the choices of an enum into one list of names, because generated clients turn separate
/// choices into separate types.
fn names_in_one(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    let Some(Value::Array(choices)) = members.get("oneOf") else { return };
    let names = choices.iter().map(|it| it.get("const")?.as_str().map(str::to_owned));
    let Some(names) = names.collect::<Option<Vec<_>>>() else { return };
    let explained = names.iter().zip(choices).filter_map(|(name, it)| {
        it["description"].as_str().map(|about| format!(" `{name}`: {about}"))
    });
    let about = members["description"].as_str().unwrap_or_default().to_owned();
    let about = std::iter::once(about).chain(explained).collect::<String>();
    members.remove("oneOf");
    members.insert("type".to_owned(), "string".into());
    members.insert("enum".to_owned(), names.into());
    members.insert("description".to_owned(), about.into());
}

/// Removes `null` from optional properties: an absent value is omitted and never null.
fn without_needless_null(schema: &mut Value) {
    let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        let absent = |name: &String| !required.iter().any(|required| required == name);
        properties.iter_mut().filter(|(name, _)| absent(name)).for_each(|(_, it)| strip_null(it));
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(without_needless_null),
        Value::Array(items) => items.iter_mut().for_each(without_needless_null),
        _ => {}
    }
}

fn strip_null(property: &mut Value) {
    let Some(property) = property.as_object_mut() else { return };
    if let Some(Value::Array(types)) = property.get_mut("type") {
        types.retain(|it| it != "null");
        if let [one] = &types[..] {
            let one = one.clone();
            property.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(choices)) = property.get_mut("anyOf") {
        choices.retain(|it| it["type"] != "null");
        if let [Value::Object(one)] = &choices[..] {
            let one = one.clone();
            property.remove("anyOf");
            property.extend(one);
        }
    }
}
