//! Pages of other origins: those that the template's `AllowedOrigins` names may call the API.

use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Client, Response, Template, order};

const APP: &str = "https://app.example.com";

async fn app_for(origins: &str) -> App {
    App::start_with(|options| options.allowed_origins = origins.into()).await
}

/// Sends the request with which a browser asks for permission.
async fn preflight(client: &Client, path: &str, origin: &str) -> Response {
    let request = client.request(Method::OPTIONS, path).header("origin", origin);
    client.send(request.header("access-control-request-method", "POST")).await
}

async fn get(client: &Client, path: &str, origin: &str) -> Response {
    client.send(client.request(Method::GET, path).header("origin", origin)).await
}

#[track_caller]
fn assert_readable(response: &Response, status: u16) {
    assert_eq!(response.status, status, "{response:?}");
    assert_eq!(response.header("access-control-allow-origin"), APP);
    let exposed = "etag,link,location,idempotent-replayed,retry-after";
    assert_eq!(response.header("access-control-expose-headers"), exposed);
    assert_eq!(response.header("access-control-allow-credentials"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_an_allowed_origin_may_call_every_route() {
    let app = app_for(&format!("http://localhost:5173,{APP}")).await;
    let nobody = app.anonymous();
    for route in Template::load().routes() {
        let answer = preflight(&nobody, &route.path, APP).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{}", route.path);
        assert_eq!(answer.header("access-control-allow-origin"), APP);
        let methods = answer.header("access-control-allow-methods").split(',');
        assert!(methods.into_iter().any(|method| method == route.method), "{answer:?}");
        let headers = "authorization,content-type,idempotency-key,if-match,if-none-match";
        assert_eq!(answer.header("access-control-allow-headers"), headers);
        assert_eq!(answer.header("access-control-max-age"), "7200");
    }
    let ops = app.ops().await;
    assert_readable(&get(&ops, "/orders", APP).await, 200);
    assert_readable(&get(&ops, "/orders/nothing", APP).await, 404);
    assert_readable(&get(&ops, "/nowhere", APP).await, 404);
    assert_readable(&get(&nobody, "/orders", APP).await, 401);
    let request = ops.request(Method::POST, "/orders").header("origin", APP);
    assert_readable(&ops.send(request.json(&order("m1", "c1"))).await, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_may_not() {
    for allowed in [APP, ""] {
        let app = app_for(allowed).await;
        let ops = app.ops().await;
        for origin in ["https://other.example.com", "https://app.example.com:8443", "null"] {
            for response in
                [preflight(&ops, "/orders", origin).await, get(&ops, "/orders", origin).await]
            {
                assert_eq!(response.header("access-control-allow-origin"), "", "{response:?}");
                assert_eq!(response.header("access-control-allow-methods"), "", "{response:?}");
            }
        }
        // Nor may any page read the tokens that the runner issues to everybody on this machine.
        let issuer = app.anonymous();
        let request = issuer.request(Method::POST, "/dev/token").header("origin", APP);
        let token = issuer.send(request.json(&json!({ "role": "ops", "id": "o" }))).await;
        assert_eq!(token.header("access-control-allow-origin"), "", "{token:?}");
    }
}
