//! The properties by which two tables are compared.

use std::collections::BTreeSet;

use serde_json::Value;

/// Returns the compared properties of a table as text. Works for both a `CreateTable` request and
/// a table description, since they share field names.
pub(super) fn features(table: &Value) -> BTreeSet<String> {
    let mut features = BTreeSet::from([format!("key {}", keys(table))]);
    for attribute in list(table, "AttributeDefinitions") {
        let (name, kind) = (text(attribute, "AttributeName"), text(attribute, "AttributeType"));
        features.insert(format!("attribute {name} {kind}"));
    }
    for kind in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for index in list(table, kind) {
            let (name, keys) = (text(index, "IndexName"), keys(index));
            let projection = text(&index["Projection"], "ProjectionType");
            let others: BTreeSet<String> = list(&index["Projection"], "NonKeyAttributes")
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect();
            features.insert(format!("{kind} {name} {keys} {projection} {others:?}"));
        }
    }
    if let Some(view) = table["StreamSpecification"]["StreamViewType"].as_str() {
        features.insert(format!("stream {view}"));
    }
    features
}

fn keys(table: &Value) -> String {
    let key = |key| format!("{} {}", text(key, "AttributeName"), text(key, "KeyType"));
    list(table, "KeySchema").map(key).collect::<Vec<_>>().join(", ")
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
