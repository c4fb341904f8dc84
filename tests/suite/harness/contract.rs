//! Checks every response and message against the published documents.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use functions::contract::{asyncapi, openapi};
use jsonschema::Validator;
use serde_json::{Value, json};

use super::Response;

static HTTP: LazyLock<Contract> = LazyLock::new(|| Contract::new(openapi().document));
static LIVE: LazyLock<Contract> = LazyLock::new(|| Contract::new(asyncapi().document));

/// A published document, with the validators compiled so far.
pub struct Contract {
    pub document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    fn new(document: Value) -> Self {
        Self { document, validators: Mutex::default() }
    }

    /// Returns the OpenAPI document.
    pub fn http() -> &'static Self {
        &HTTP
    }

    /// Returns the AsyncAPI document.
    pub fn live() -> &'static Self {
        &LIVE
    }

    /// Returns the violations of a schema of this document by a value; empty if the value is
    /// valid.
    pub fn faults(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut validators = self.validators.lock().expect("no panic in a validator");
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            let whole = json!({ "allOf": [schema], "components": self.document["components"] });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&whole).expect("a schema"))
        });
        let validator = Arc::clone(validator);
        drop(validators);
        validator.iter_errors(value).map(|it| format!("{}: {it}", it.instance_path())).collect()
    }

    /// Returns the operation for a concrete path, or `None` if API Gateway has no such route.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let paths = self.document["paths"].as_object().expect("paths");
        let fits = |template: &&String| {
            let (parts, named) = (path.split('/'), template.split('/'));
            parts.clone().count() == named.clone().count()
                && parts.zip(named).all(|(part, name)| part == name || name.starts_with('{'))
        };
        // A path without parameters takes precedence over one with parameters.
        let template = paths.keys().filter(fits).min_by_key(|it| it.matches('{').count())?;
        paths[template].get(method.to_lowercase())
    }

    /// Panics if the server accepted a body that the document does not allow, except for the fixes
    /// that it ignored as malformed.
    pub fn assert_accepted(&self, method: &str, path: &str, body: &[u8], response: &Response) {
        let (Some(operation), Ok(body)) =
            (self.operation(method, path), serde_json::from_slice(body))
        else {
            return;
        };
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if schema.is_null() {
            return;
        }
        let response: Value = serde_json::from_str(&response.text).unwrap_or_default();
        let ignored = response["ignored"].as_array().into_iter().flatten();
        let ignored: Vec<_> = ignored
            .filter(|it| it["reason"] == "malformed")
            .flat_map(|it| ["/", ":"].map(|end| format!("/fixes/{}{end}", it["index"])))
            .collect();
        let mut faults = self.faults(schema, &body);
        faults.retain(|fault| !ignored.iter().any(|fix| fault.starts_with(fix)));
        assert!(faults.is_empty(), "{faults:?}: {method} {path} {body}");
    }

    fn assert_headers(&self, declared: &Value, response: &Response, case: &str) {
        for (name, header) in self.document["components"]["headers"].as_object().expect("headers") {
            let Some(value) = response.headers.get(name) else { continue };
            assert!(declared.get(name).is_some(), "no header {name}: {case}");
            let faults = self.faults(&header["schema"], &json!(value.to_str().expect("text")));
            assert!(faults.is_empty(), "{faults:?}: {case}");
        }
    }

    /// Panics unless the document allows this response to the request.
    pub fn assert_response(&self, method: &str, path: &str, response: &Response) {
        let Some(operation) = self.operation(method, path) else { return };
        let case = format!("{method} {path}: {response:?}");
        let status = &operation["responses"][response.status.to_string()];
        assert!(status.is_object(), "no such status: {case}");
        self.assert_headers(&status["headers"], response, &case);
        if matches!(response.status, 204 | 304) {
            assert!(status.get("content").is_none() && response.text.is_empty(), "{case}");
            return;
        }
        let media_type = response.header("content-type").split(';').next().unwrap_or_default();
        let content = &status["content"][media_type];
        assert!(content.is_object(), "no such content: {case}");
        if !media_type.ends_with("/json") && !media_type.ends_with("+json") {
            return;
        }
        let body = response.json();
        let faults = self.faults(&content["schema"], &body);
        assert!(faults.is_empty(), "{faults:?}: {case}");
        if let Some(kind) =
            body["type"].as_str().filter(|_| media_type == "application/problem+json")
        {
            let kind = kind.trim_start_matches("urn:waybill:problem:");
            assert!(content["examples"].get(kind).is_some(), "no such problem: {case}");
        }
    }

    /// Panics unless the document has this message and its payload is valid.
    pub fn assert_message(&self, message: &Value) {
        let name = message["type"].as_str().unwrap_or_default();
        let payload = &self.document["components"]["messages"][name]["payload"];
        assert!(payload.is_object(), "no such message: {message}");
        let faults = self.faults(payload, message);
        assert!(faults.is_empty(), "{faults:?}: {message}");
    }
}
