//! SAM's `Globals`, merged into the resources that they apply to.
//!
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use serde_json::Value;

use super::Result;
use super::path::Path;
use super::scope::section;

/// Returns the document with its globals merged into its resources.
pub(super) fn merge(mut document: Value) -> Result<Value> {
    for (name, defaults) in section(&document, "Globals").clone() {
        let kind = format!("AWS::Serverless::{name}");
        if !matches!(name.as_str(), "Function" | "HttpApi") {
            return Err(Path::root()
                .key("Globals")
                .key(&name)
                .error("the runner does not support it"));
        }
        let resources = document.get_mut("Resources").and_then(Value::as_object_mut);
        for resource in resources.into_iter().flat_map(serde_json::Map::values_mut) {
            if resource["Type"] == kind.as_str() {
                let own = resource["Properties"].take();
                resource["Properties"] = merged(defaults.clone(), own);
            }
        }
    }
    Ok(document)
}

/// Merges maps, joins lists with the global part first, and otherwise prefers the resource's own
/// value. An intrinsic function is a value, not a map.
fn merged(global: Value, own: Value) -> Value {
    match (global, own) {
        (global, Value::Null) => global,
        (Value::Object(mut global), Value::Object(own)) if !is_intrinsic(&own) => {
            for (key, value) in own {
                let below = global.remove(&key).unwrap_or_default();
                global.insert(key, merged(below, value));
            }
            Value::Object(global)
        }
        (Value::Array(mut global), Value::Array(own)) => {
            global.extend(own);
            Value::Array(global)
        }
        (_, own) => own,
    }
}

fn is_intrinsic(map: &serde_json::Map<String, Value>) -> bool {
    map.len() == 1 && map.keys().all(|key| key == "Ref" || key.starts_with("Fn::"))
}
