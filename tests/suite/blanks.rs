//! Texts that print nothing, or something else than they say, are rejected in every field and every
//! parameter of the contract.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Contract, Response, people, percent_encoded};

/// Twelve characters that print nothing: zero widths, joiners, fillers and spaces.
const BLANK: &str =
    "\u{200b}\u{feff}\u{2060}\u{ad}\u{3164}\u{2800}\u{200d}\u{202e}\u{ffa0}\u{fe0f}\u{a0}\u{e0001}";

/// The things that the paths of requests name.
struct Targets {
    order: String,
    webhook: String,
    driver: String,
}

impl Targets {
    async fn create(app: &App) -> Self {
        Self {
            order: app.place_order().await,
            webhook: app.create_webhook().await,
            driver: app.register_driver().await,
        }
    }
}

/// An operation of the contract.
struct Operation<'a> {
    method: Method,
    path: &'a str,
    described: &'a Value,
}

fn operations() -> impl Iterator<Item = Operation<'static>> {
    let paths = Contract::http().document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().expect("methods").iter();
        methods.map(move |(method, described)| {
            let method = method.to_uppercase().parse().expect("a method");
            Operation { method, path, described }
        })
    })
}

impl Operation<'_> {
    async fn send(
        &self,
        client: &Client,
        Targets { order, webhook, driver }: &Targets,
        query: &str,
        body: &Value,
    ) -> Response {
        let path = self.path.replace("{id}", order).replace("{merchant}", "m1");
        let path = path.replace("{substitution}", "1").replace("{issue}", "1");
        let path =
            path.replace("{webhook}", webhook).replace("{store}", "s1").replace("{driver}", driver);
        let request = client.request(self.method.clone(), &format!("{path}{query}"));
        client.send(if body.is_null() { request } else { request.json(body) }).await
    }
}

/// Returns the schema that a schema refers to.
fn resolved(schema: &Value) -> &Value {
    match schema["$ref"].as_str().and_then(|it| it.strip_prefix('#')) {
        Some(pointer) => Contract::http().document.pointer(pointer).expect("a schema"),
        None => schema,
    }
}

/// Adds the JSON pointers of all texts of a schema, at least one in each list, and `key` in each
/// map.
fn texts(schema: &Value, pointer: &str, key: &str, found: &mut Vec<String>) {
    let schema = resolved(schema);
    for several in ["oneOf", "anyOf"] {
        for schema in schema[several].as_array().into_iter().flatten() {
            texts(schema, pointer, key, found);
        }
    }
    let kind = &schema["type"];
    if kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string"))) {
        found.push(pointer.to_owned());
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        texts(schema, &format!("{pointer}/{name}"), key, found);
    }
    if schema["items"].is_object() {
        texts(&schema["items"], &format!("{pointer}/0"), key, found);
    }
    if schema["propertyNames"].is_object() {
        found.push(format!("{pointer}/{key}"));
    }
}

/// Returns every text of an operation's body, as a pointer and a body with `text` there.
fn bodies(operation: &Operation<'_>, text: &str) -> Vec<(String, Value)> {
    let content = &operation.described["requestBody"]["content"]["application/json"];
    let mut pointers = Vec::new();
    texts(&content["schema"], "", text, &mut pointers);
    pointers.sort_unstable();
    pointers.dedup();
    let example = &content["examples"]["1"]["value"];
    let with = |pointer: String| {
        let body = with_text(example.clone(), &pointer, text);
        (pointer, body)
    };
    pointers.into_iter().map(with).collect()
}

/// Returns `body` with `text` at `pointer`.
fn with_text(mut body: Value, pointer: &str, text: &str) -> Value {
    let mut at = &mut body;
    // A JSON Pointer begins with a slash, so that its first part is empty.
    for part in pointer.split('/').skip(1) {
        if let Ok(index) = part.parse::<usize>() {
            if at.get(index).is_none() {
                *at = json!([{}]);
            }
            at = &mut at[index];
        } else {
            if !at.is_object() {
                *at = json!({});
            }
            at = &mut at[part];
        }
    }
    *at = text.into();
    body
}

/// Returns the error that names a field. An upload of positions is not refused for one of them, and says
/// with each ignored one why.
fn error_at(operation: &Operation<'_>, response: &Response, pointer: &str) -> Option<Value> {
    let errors: Vec<_> = if operation.path.ends_with("/positions") && response.status == 200 {
        let ignored = response.expect(200)["ignored"].clone();
        ignored.as_array().expect("a list").iter().map(|it| it["error"].clone()).collect()
    } else {
        let problem = response.problem(422, "invalid-fields");
        problem["errors"].as_array().expect("errors").clone()
    };
    errors.into_iter().find(|error| error["pointer"] == *pointer)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_text_of_every_body_must_be_visible() {
    let app = App::start().await;
    let ops = app.ops().await;
    let targets = Targets::create(&app).await;
    let mut count = 0;
    for operation in operations() {
        for (pointer, body) in bodies(&operation, BLANK) {
            let response = operation.send(&ops, &targets, "", &body).await;
            let case = format!("{} {} {pointer}: {response:?}", operation.method, operation.path);
            assert!(error_at(&operation, &response, &pointer).is_some(), "{case}");
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

/// The values that are kept without what was pasted with them.
const PLAIN: [&str; 2] = ["/reference", "/external_id"];

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_body_turns_what_is_shown() {
    let app = App::start().await;
    let ops = app.ops().await;
    let targets = Targets::create(&app).await;
    let (mut named, mut plain) = (0, 0);
    for code in (0x2028..=0x202e).chain(0x2066..=0x2069) {
        let turn = char::from_u32(code).expect("a character");
        for operation in operations() {
            for (pointer, body) in bodies(&operation, &format!("pay{turn}yap")) {
                let response = operation.send(&ops, &targets, "", &body).await;
                let case =
                    format!("{} {} {pointer}: {response:?}", operation.method, operation.path);
                if response.status != 422 && PLAIN.iter().any(|name| pointer.ends_with(name)) {
                    assert!(response.status < 500 && !response.text.contains(turn), "{case}");
                    plain += 1;
                    continue;
                }
                let error = error_at(&operation, &response, &pointer).expect(&case);
                let detail = error["detail"].as_str().expect("a detail");
                named += usize::from(detail.contains(&format!("U+{code:04X}")));
            }
        }
    }
    println!("{named} refused by name, {plain} kept without it");
    assert!(named > 11 * 90 && plain > 0, "{named} {plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_of_every_query_must_be_visible() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let targets = Targets::create(&app).await;
    let mut count = 0;
    for operation in operations() {
        let parameters = operation.described["parameters"].as_array().into_iter().flatten();
        for parameter in parameters.filter(|it| it["in"] == "query") {
            let name = parameter["name"].as_str().expect("a name");
            let query = format!("?{name}={}", percent_encoded(BLANK));
            let response = operation.send(&merchant, &targets, &query, &Value::Null).await;
            if name == "cursor" {
                response.problem(400, "invalid-cursor");
            } else {
                let problem = response.problem(422, "invalid-fields");
                let pointer = &problem["errors"][0]["pointer"];
                assert_eq!(*pointer, format!("?{name}"), "{}: {problem}", operation.path);
            }
            count += 1;
        }
    }
    assert!(count > 30, "{count}");
}
