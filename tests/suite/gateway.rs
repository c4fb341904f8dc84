//! The requests that the gateway rejects, and the response to them.

use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::harness::template::Route;
use crate::harness::{App, Client, NO_ORDER, Template, people};

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_refuses_it_refuses_in_its_own_shape() {
    let app = App::start().await;
    let anonymous = app.anonymous();
    for Route { method, path, is_open, .. } in Template::load().routes() {
        let method: Method = method.parse().unwrap();
        let request = anonymous.request(method, &path.replace("{id}", NO_ORDER));
        let response = anonymous.send(request).await;
        if path.contains("{asset}") {
            response.problem(404, "not-found");
        } else if is_open {
            assert_eq!(response.status, 200, "{path}: {response:?}");
        } else {
            assert_eq!(response.expect(401), json!({ "message": "Unauthorized" }));
        }
    }
    let liar = Client::new(&app.runner.http_url(), Some("not.a.token".to_owned()));
    assert_eq!(liar.get("/orders").await.expect(401), json!({ "message": "Unauthorized" }));
    for path in ["/nothing", "/orders/a/b/c"] {
        let response = app.ops().await.get(path).await;
        assert_eq!(response.expect(404), json!({ "message": "Not Found" }));
    }
    assert_eq!(anonymous.get("/health").await.expect(200), json!({ "status": "ok" }));
}

/// Sends many requests at once. The gateway lets through the burst, and what the rate adds meanwhile:
/// they get this status, and all others are throttled.
async fn flood(client: &Client, method: Method, path: &str, burst: usize, status: u16) {
    let count = 5 * burst;
    let flood = (0..count).map(|_| client.send_elsewhere(client.request(method.clone(), path)));
    let (answered, throttled): (Vec<_>, Vec<_>) =
        join_all(flood).await.into_iter().partition(|response| response.status == status);
    assert!((burst..count).contains(&answered.len()), "{path}: {}", answered.len());
    for response in throttled {
        assert_eq!(response.expect(429), json!({ "message": "Too Many Requests" }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_without_a_token_is_throttled_alone() {
    let app = App::start().await;
    let (ops, nobody) = (app.ops().await, app.anonymous());
    for path in ["/health", "/openapi.json", "/asyncapi.json"] {
        flood(&nobody, Method::GET, path, 20, 200).await;
        ops.get("/orders").await.expect(200);
    }
}

/// Each test of a webhook can hold an invocation for as long as its endpoint likes.
#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_tests_of_webhooks_is_throttled_alone() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    flood(&merchant, Method::POST, "/merchants/m1/webhooks/none/test", 10, 404).await;
    merchant.get("/merchants/m1/webhooks").await.expect(200);
}
