//! Events of a custom domain, whose paths begin with the base path of the API's mapping.

use serde_json::{Value, json};

use crate::harness::template::Route;
use crate::harness::{App, Template, order};

/// Returns an event of payload format 2.0 for a route, whose path has `base` in front.
fn event(base: &str, Route { method, path, .. }: &Route, id: &str, body: &Value) -> Value {
    let parameters = json!({
        "id": id, "merchant": "m1", "substitution": "1", "issue": "1", "webhook": "we_none",
        "store": "none", "driver": "none", "version": "none", "asset": "none",
    });
    let named = |segment: &str| {
        let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        name.map_or(segment, |name| parameters[name].as_str().expect("a parameter")).to_owned()
    };
    let path_as_sent: Vec<_> = path.split('/').map(named).collect();
    let raw = format!("{base}{}", path_as_sent.join("/"));
    let key = format!("{method} {path}");
    let claims = json!({
        "iss": "https://issuer", "sub": "olga", "exp": "9999999999", "custom:role": "ops",
    });
    json!({
        "version": "2.0",
        "routeKey": key,
        "rawPath": raw,
        "rawQueryString": "",
        "headers": { "content-type": "application/json", "idempotency-key": "k" },
        "pathParameters": parameters,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "authorizer": { "jwt": { "claims": claims, "scopes": null } },
            "domainName": "api.example.com",
            "domainPrefix": "api",
            "http": {
                "method": method,
                "path": raw,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "r",
            "routeKey": key,
            "stage": "$default",
            "time": "29/Nov/2026:10:00:00 +0000",
            "timeEpoch": 1_795_946_400_000_i64,
        },
        "body": if body.is_null() { "{".to_owned() } else { body.to_string() },
        "isBase64Encoded": false,
    })
}

async fn invoke(app: &App, event: &Value, route: &Route) -> Value {
    app.runner.invoke(&route.function, event).await.expect("a response")
}

/// The body is no JSON, so no request changes anything, and a request with a body that reaches its
/// handler is 400.
#[tokio::test(flavor = "multi_thread")]
async fn every_route_is_served_behind_a_base_path() {
    let app = App::start().await;
    let id = app.place_order().await;
    for route in Template::load().routes() {
        let plain = invoke(&app, &event("", &route, &id, &Value::Null), &route).await;
        let status = plain["statusCode"].as_u64().expect("a status");
        let expected = match (&*route.method, &*route.path) {
            ("GET", "/reports/service-levels") => 422,
            // These read no body, and there is no such webhook or store.
            ("GET" | "DELETE", path) if path.contains("{webhook}") => 404,
            ("GET" | "DELETE", path) if path.contains("{store}") => 404,
            ("GET" | "DELETE", path) if path.contains("{driver}") => 404,
            ("GET", path) if path.contains("{asset}") => 404,
            (_, path) if path.ends_with("/rotate") || path.ends_with("/test") => 404,
            ("GET", _) => 200,
            (_, "/live/tickets") => 201,
            _ => 400,
        };
        assert_eq!(status, expected, "{route:?}: {plain}");
        for base in ["/shop", "/shop/v1", "/orders"] {
            let based = invoke(&app, &event(base, &route, &id, &Value::Null), &route).await;
            assert_eq!(based["statusCode"], status, "{base} {route:?}: {based}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_response_leads_to_is_behind_the_same_base_path() {
    let app = App::start().await;
    let routes = Template::load().routes();
    let route = |key: (&str, &str)| {
        let found = routes.iter().find(|it| (&*it.method, &*it.path) == key);
        found.expect("a route").clone()
    };
    let (create, list) = (route(("POST", "/orders")), route(("GET", "/orders")));
    let mut ids = Vec::new();
    for base in ["", "/shop"] {
        let made = invoke(&app, &event(base, &create, "-", &order("m1", "c1")), &create).await;
        assert_eq!(made["statusCode"], 201, "{made}");
        let body: Value = serde_json::from_str(made["body"].as_str().expect("text")).expect("JSON");
        let id = body["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["headers"]["location"], format!("{base}/orders/{id}"));
        ids.push(id);
    }
    assert_eq!(ids[0], ids[1], "one key, whatever the base path");
    app.place_order().await;
    for base in ["", "/shop"] {
        let mut event = event(base, &list, "-", &Value::Null);
        event["rawQueryString"] = json!("limit=1");
        let page = invoke(&app, &event, &list).await;
        let link = page["headers"]["link"].as_str().expect("a link");
        assert!(link.starts_with(&format!("<{base}/orders?limit=1&cursor=")), "{link}");
    }
}

/// A request that API Gateway routed elsewhere, or not at all, is not served.
#[tokio::test(flavor = "multi_thread")]
async fn the_route_alone_decides() {
    let app = App::start().await;
    let id = app.place_order().await;
    let routes = Template::load().routes();
    let route = routes.iter().find(|it| it.path == "/orders/{id}" && it.method == "GET");
    let route = route.expect("a route");
    for key in ["$default", "ANY /orders/{id}", "POST /orders/{id}", "GET /orders/{other}", "GET"] {
        let mut event = event("", route, &id, &Value::Null);
        event["routeKey"] = json!(key);
        event["requestContext"]["routeKey"] = json!(key);
        assert_eq!(invoke(&app, &event, route).await["statusCode"], 404, "{key}");
    }
}
