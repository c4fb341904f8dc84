//! The headers that protect a response in a browser: it is not taken for another media type, and
//! nothing keeps what only its caller may see.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{App, Client, Contract, NO_ORDER, Response, order, people};

#[track_caller]
fn assert_nosniff(response: &Response, case: &str) {
    assert_eq!(response.header("x-content-type-options"), "nosniff", "{case}: {response:?}");
}

/// Returns a request for every route of the OpenAPI document.
fn requests(client: &Client, id: &str) -> Vec<(String, RequestBuilder)> {
    let paths = Contract::http().document["paths"].as_object().expect("paths").iter();
    let routes = paths.flat_map(|(path, item)| {
        item.as_object().expect("operations").keys().map(move |method| (method, path))
    });
    let request = |(method, path): (&String, &String)| {
        let path = path.replace("{id}", id).replace("{merchant}", "m1");
        let path = path.replace("{substitution}", "1").replace("{issue}", "1");
        let path = path
            .replace("{webhook}", "we_none")
            .replace("{store}", "none")
            .replace("{driver}", "none")
            .replace("{version}", "none")
            .replace("{asset}", "none");
        let method: Method = method.to_uppercase().parse().expect("a method");
        let request = client.request(method.clone(), &path);
        let request = if method == Method::GET { request } else { request.json(&json!({})) };
        (format!("{method} {path}"), request)
    };
    routes.map(request).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_response_of_a_function_has_the_headers() {
    let app = App::start().await;
    let id = app.place_order().await;
    for person in [people::ops(), people::driver("d1"), people::merchant("m2")] {
        let client = app.client(person.clone()).await;
        for id in [&id, NO_ORDER, "x"] {
            for (request, builder) in requests(&client, id) {
                let response = client.send(builder).await;
                let case = format!("{request} by {person}");
                assert_nosniff(&response, &case);
                let is_json = response.header("content-type") == "application/json";
                let is_page = response.header("content-type").starts_with("text/html");
                let may_be_kept =
                    request.starts_with("GET") && response.status == 200 && (is_json || is_page);
                let expected = if may_be_kept { "private, no-cache" } else { "no-store" };
                assert_eq!(response.header("cache-control"), expected, "{case}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_has_already_and_what_it_changed_have_the_headers_too() {
    let app = App::start().await;
    let ops = app.ops().await;
    let created = ops.create(&order("m1", "c1")).await;
    assert_nosniff(&created, "201");
    let path = format!("/orders/{}", created.json()["id"].as_str().expect("an id"));
    let request = ops.request(Method::GET, &path).header("if-none-match", "*");
    let unchanged = ops.send(request).await;
    assert_eq!(unchanged.status, 304);
    assert_nosniff(&unchanged, "304");
    let request = ops.request(Method::GET, &path).header("if-none-match", "3");
    let refused = ops.send(request).await;
    refused.problem(400, "invalid-header");
    assert_nosniff(&refused, "400");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_saved_and_not_shown_or_kept() {
    let app = App::start().await;
    app.place_order().await;
    let ops = app.ops().await;
    for (query, name) in [("", "csv"), ("?format=csv", "csv"), ("?format=ndjson", "ndjson")] {
        let file = ops.get(&format!("/orders/export{query}")).await;
        assert_eq!(file.status, 200);
        assert_nosniff(&file, query);
        assert_eq!(file.header("cache-control"), "no-store", "{query}");
        let expected = format!("attachment; filename=\"orders.{name}\"");
        assert_eq!(file.header("content-disposition"), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_not_kept() {
    let app = App::start().await;
    let ticket = app.ops().await.post("/live/tickets", &Value::Null).await;
    let token = app.anonymous().post("/dev/token", &people::ops()).await;
    for (secret, status) in [(ticket, 201), (token, 200)] {
        secret.expect(status);
        assert_nosniff(&secret, "a secret");
        assert_eq!(secret.header("cache-control"), "no-store");
    }
}

/// The runner's own routes. The refusals of the gateway itself have no such header, because API
/// Gateway does not let an HTTP API add one; their JSON says nothing of the caller's.
#[tokio::test(flavor = "multi_thread")]
async fn the_runners_own_responses_have_the_header() {
    let app = App::start().await;
    let anonymous = app.anonymous();
    for path in [
        "/docs",
        "/docs/explorer.css",
        "/docs/explorer.js",
        "/docs/swagger-ui.css",
        "/.well-known/openid-configuration",
        "/.well-known/jwks.json",
        "/.well-known/nothing",
        "/authorize",
        "/token",
        "/dev/token",
    ] {
        let request = anonymous.request(Method::GET, path);
        assert_nosniff(&anonymous.send_elsewhere(request).await, path);
    }
    assert_nosniff(&anonymous.post("/dev/token", &json!({ "role": "king" })).await, "a refusal");
}
