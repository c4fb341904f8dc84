//! Requests to a gateway with functions made for the test.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use clock::Clock;
use clock::Timestamp;
use http::{Method, Request, StatusCode};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::{AuthorizerError, Cors, Endpoint, HttpGateway, Routes};
use crate::invoke::{Function, Functions, Handler};
use crate::template::{self, HttpRoute};

fn route(key: &str) -> HttpRoute {
    let (method, path) = key.split_once(' ').unwrap_or(("ANY", key));
    HttpRoute {
        method: (method != "ANY").then(|| method.parse().unwrap()),
        path: path.to_owned(),
        function: key.to_owned(),
        authorizer: None,
        throttling: None,
    }
}

fn routes(keys: &[&str]) -> Routes {
    let declared: Vec<_> = keys.iter().map(|key| route(key)).collect();
    let none =
        |a: &template::Authorizer| Err(AuthorizerError::ForeignIssuer { issuer: a.issuer.clone() });
    Routes::new(&declared, none).unwrap()
}

#[test]
fn the_most_specific_route_is_taken() {
    let routes = routes(&[
        "$default",
        "ANY /{proxy+}",
        "GET /pets/{proxy+}",
        "GET /pets/dog/{id}",
        "GET /pets/dog/1",
        "ANY /pets/dog/{id}",
        "GET /{kind}/cat/9",
    ]);
    let cases = [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("PUT", "/pets/dog/2", "ANY /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("GET", "/pets/cat/9", "GET /{kind}/cat/9"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("GET", "/pets/dog/", "GET /pets/{proxy+}"),
    ];
    for (method, path, expected) in cases {
        let method: Method = method.parse().unwrap();
        assert_eq!(routes.find(&method, path).unwrap().route.key, expected, "{method} {path}");
    }
}

#[test]
fn a_variable_holds_one_segment_and_is_decoded() {
    let routes = routes(&["GET /orders/{id}", "GET /files/{path+}"]);
    let found = |path| routes.find(&Method::GET, path).map(|found| found.parameters);
    assert_eq!(found("/orders/a%2Fb%20c").unwrap()["id"], "a/b c");
    assert_eq!(found("/files/a/b/c").unwrap()["path"], "a/b/c");
    assert_eq!(found("/orders/a/b"), None);
    assert_eq!(found("/orders/"), None);
    assert_eq!(found("/orders"), None);
    assert_eq!(found("/"), None);
    assert!(routes.find(&Method::HEAD, "/orders/a").is_none());
}

/// Returns a gateway with one route, `POST /orders/{id}`, to `handler`.
fn gateway(handler: Handler) -> HttpGateway {
    gateway_with(None, handler)
}

fn gateway_with(cors: Option<Cors>, handler: Handler) -> HttpGateway {
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_583_348_638).unwrap());
    let mut functions = Functions::default();
    functions.insert("POST /orders/{id}", Function::for_test(handler, clock.clone()));
    let endpoint = Endpoint { api_id: "httpapi".into(), address: ([127, 0, 0, 1], 3000).into() };
    HttpGateway::new(routes(&["POST /orders/{id}"]), cors, functions, endpoint, clock)
}

/// Returns a function that always returns `response`.
fn responding(response: Value) -> Handler {
    let response = Arc::new(response);
    Handler::event(service_fn(move |_: LambdaEvent<Value>| {
        let response = Arc::clone(&response);
        async move { Ok::<_, Error>((*response).clone()) }
    }))
}

async fn send(gateway: &HttpGateway, request: Request<Body>) -> (http::response::Parts, String) {
    let response = gateway.respond(request, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))).await;
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn the_event_is_the_documented_one() {
    let echo = service_fn(|event: LambdaEvent<Value>| async { Ok::<_, Error>(event.payload) });
    let gateway = gateway(Handler::event(echo));
    let request = Request::post("/orders/a%20b?tag=x%2Cy&tag=z&note=a+b")
        .header("host", "no:valid:host")
        .header("cookie", "a=1; b=2")
        .header("user-agent", "agent")
        .header("content-type", "application/json")
        .header("x-many", "1")
        .header("x-many", "2")
        .header("x-forwarded-for", "198.51.100.7")
        .body("{}".into())
        .unwrap();
    let (parts, body) = send(&gateway, request).await;
    let mut event: Value = serde_json::from_str(&body).unwrap();
    let id = event["requestContext"].as_object_mut().unwrap().remove("requestId").unwrap();
    assert_eq!(id.as_str().unwrap(), parts.headers["apigw-requestid"]);
    let expected = json!({
        "version": "2.0",
        "routeKey": "POST /orders/{id}",
        "rawPath": "/orders/a b",
        "rawQueryString": "tag=x%2Cy&tag=z&note=a+b",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "content-type": "application/json",
            "host": "127.0.0.1:3000",
            "user-agent": "agent",
            "x-forwarded-for": "198.51.100.7, 192.0.2.1",
            "x-forwarded-port": "3000",
            "x-forwarded-proto": "http",
            "x-many": "1,2",
        },
        "queryStringParameters": { "tag": "x,y,z", "note": "a b" },
        "pathParameters": { "id": "a b" },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "httpapi",
            "domainName": "127.0.0.1:3000",
            "domainPrefix": "httpapi",
            "http": {
                "method": "POST",
                "path": "/orders/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "routeKey": "POST /orders/{id}",
            "stage": "$default",
            "time": "04/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_583_348_638_000_i64,
        },
        "body": "{}",
        "isBase64Encoded": false,
    });
    assert_eq!(event, expected);
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_text_comes_in_base64() {
    let echo = service_fn(|event: LambdaEvent<Value>| async { Ok::<_, Error>(event.payload) });
    let gateway = gateway(Handler::event(echo));
    for (media, body, expected) in [
        ("text/plain; charset=utf-8", "ä".as_bytes(), json!(["ä", false])),
        ("application/merge-patch+json", b"{}", json!(["{}", false])),
        ("application/octet-stream", b"{}", json!(["e30=", true])),
        ("application/json", &[0xff], json!(["/w==", true])),
    ] {
        let request = Request::post("/orders/1").header("content-type", media);
        let (_, event) = send(&gateway, request.body(body.to_vec().into()).unwrap()).await;
        let event: Value = serde_json::from_str(&event).unwrap();
        assert_eq!(json!([event["body"], event["isBase64Encoded"]]), expected, "{media}");
    }
}

#[tokio::test]
async fn a_function_decides_status_headers_cookies_and_body() {
    let gateway = gateway(responding(json!({
        "statusCode": 201,
        "headers": { "etag": "\"1\"", "x-count": 3 },
        "multiValueHeaders": { "link": ["a", "b"] },
        "cookies": ["a=1", "b=2"],
        "body": "aGk=",
        "isBase64Encoded": true,
    })));
    let (parts, body) =
        send(&gateway, Request::post("/orders/1").body(Body::empty()).unwrap()).await;
    assert_eq!((parts.status, body.as_str()), (StatusCode::CREATED, "hi"));
    assert_eq!(parts.headers["etag"], "\"1\"");
    assert_eq!(parts.headers["x-count"], "3");
    assert!(parts.headers.get_all("link").iter().eq(["a", "b"]));
    assert!(parts.headers.get_all("set-cookie").iter().eq(["a=1", "b=2"]));
}

#[tokio::test]
async fn what_has_no_status_is_the_body_of_a_200() {
    let gateway = gateway(responding(json!({ "hello": 1 })));
    let (parts, body) =
        send(&gateway, Request::post("/orders/1").body(Body::empty()).unwrap()).await;
    assert_eq!((parts.status, body.as_str()), (StatusCode::OK, "{\"hello\":1}"));
    assert_eq!(parts.headers["content-type"], "application/json");
}

#[tokio::test]
async fn the_gateway_refuses_in_its_own_shape() {
    let failing = service_fn(|_: LambdaEvent<Value>| async { Err::<(), _>(Error::from("no")) });
    let gateway = gateway(Handler::event(failing));
    let post = || Request::post("/orders/1");
    let cases = [
        (Request::get("/orders").body(Body::empty()), 404, "Not Found"),
        (post().body(vec![b'x'; super::BODY_LIMIT + 1].into()), 413, "Request Entity Too Large"),
        (
            post().body(vec![b'x'; crate::invoke::PAYLOAD_LIMIT].into()),
            413,
            "Request Entity Too Large",
        ),
        (
            post().header("x-long", "x".repeat(super::HEAD_LIMIT)).body(Body::empty()),
            431,
            "Request Header Fields Too Large",
        ),
        (post().body(Body::empty()), 500, "Internal Server Error"),
    ];
    for (request, status, message) in cases {
        let (parts, body) = send(&gateway, request.unwrap()).await;
        assert_eq!(parts.status, status);
        assert_eq!(serde_json::from_str::<Value>(&body).unwrap(), json!({ "message": message }));
    }
}

#[tokio::test]
async fn a_payload_that_is_no_response_is_a_500() {
    for response in [json!({ "statusCode": "x" }), json!({ "statusCode": 42 })] {
        let gateway = gateway(responding(response));
        let request = Request::post("/orders/1").body(Body::empty()).unwrap();
        assert_eq!(send(&gateway, request).await.0.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_not_waited_for() {
    let endless = service_fn(|_: LambdaEvent<Value>| std::future::pending::<Result<(), Error>>());
    let mut gateway = gateway(Handler::event(endless));
    gateway.integration_timeout = Duration::from_millis(20);
    let request = Request::post("/orders/1").body(Body::empty()).unwrap();
    let (parts, body) = send(&gateway, request).await;
    assert_eq!(parts.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, "{\"message\":\"Service Unavailable\"}");
}

#[tokio::test]
async fn a_request_beyond_the_bound_of_invocations_is_throttled() {
    let ends = Arc::new(Semaphore::new(0));
    let ended = Arc::clone(&ends);
    let waiting = service_fn(move |_: LambdaEvent<Value>| {
        let ended = Arc::clone(&ended);
        async move {
            ended.acquire().await?.forget();
            Ok::<_, Error>(json!({}))
        }
    });
    let gateway = Arc::new(gateway(Handler::event(waiting)));
    let post = || Request::post("/orders/1").body(Body::empty()).unwrap();
    let in_flight = || super::MOST_IN_FLIGHT - gateway.in_flight.available_permits();
    let mut running = Vec::new();
    for started in 0..super::MOST_IN_FLIGHT {
        let (gateway, request) = (Arc::clone(&gateway), post());
        running.push(tokio::spawn(async move { send(&gateway, request).await.0.status }));
        while in_flight() == started {
            tokio::task::yield_now().await;
        }
    }
    let throttled = (StatusCode::TOO_MANY_REQUESTS, "{\"message\":\"Too Many Requests\"}".into());
    let refused = async || {
        let (parts, body) = send(&gateway, post()).await;
        (parts.status, body)
    };
    assert_eq!(refused().await, throttled);
    // An invocation goes on without its client.
    let left = running.pop().unwrap();
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    assert_eq!(refused().await, throttled);

    ends.add_permits(super::MOST_IN_FLIGHT + 1);
    for request in running {
        assert_eq!(request.await.unwrap(), StatusCode::OK);
    }
    assert_eq!(send(&gateway, post()).await.0.status, StatusCode::OK);
}

/// Returns the CORS headers of a response, without their common prefix.
fn cors_headers(parts: &http::response::Parts) -> Vec<(&str, &str)> {
    let named = parts.headers.iter().filter_map(|(name, value)| {
        Some((name.as_str().strip_prefix("access-control-")?, value.to_str().unwrap()))
    });
    let mut named: Vec<_> = named.collect();
    named.sort_unstable();
    named
}

#[tokio::test]
async fn the_gateway_answers_for_the_origins_that_are_allowed() {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let gateway = |origins: &[&str]| {
        let cors = template::Cors {
            allow_origins: texts(origins),
            allow_methods: texts(&["GET", "POST"]),
            allow_headers: texts(&["authorization", "content-type"]),
            expose_headers: texts(&["etag", "link"]),
            max_age: Some(600),
        };
        let headers = json!({ "access-control-allow-origin": "the-functions-own", "etag": "1" });
        let function = responding(json!({ "statusCode": 200, "headers": headers }));
        gateway_with(Some(Cors::new(cors)), function)
    };
    let named = ["https://a.example", "http://localhost:5173"];
    let (a, local) = (Some("https://a.example"), Some("http://localhost:5173"));
    for (allowed, origin, expected) in [
        (&named[..], "https://a.example", a),
        (&named[..], "http://localhost:5173", local),
        (&named[..], "http://localhost:5174", None),
        (&named[..], "https://a.example.evil", None),
        (&["https://*"][..], "https://a.example", a),
        (&["https://*"][..], "http://localhost:5173", None),
        (&["http://*"][..], "http://localhost:5173", local),
        (&["*"][..], "https://a.example", Some("*")),
        (&[][..], "https://a.example", None),
    ] {
        let gateway = gateway(allowed);
        let preflight = Request::options("/any/path").header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "PUT");
        let (parts, body) = send(&gateway, preflight.body(Body::empty()).unwrap()).await;
        assert_eq!((parts.status, body.as_str()), (StatusCode::NO_CONTENT, ""), "{origin}");
        let answer = expected.map(|origin| {
            vec![
                ("allow-headers", "authorization,content-type"),
                ("allow-methods", "GET,POST"),
                ("allow-origin", origin),
                ("max-age", "600"),
            ]
        });
        assert_eq!(cors_headers(&parts), answer.unwrap_or_default(), "{allowed:?} {origin}");

        for (request, status) in [(Request::post("/orders/1"), 200), (Request::get("/"), 404)] {
            let request = request.header("origin", origin).body(Body::empty()).unwrap();
            let (parts, _) = send(&gateway, request).await;
            let answer = expected
                .map(|origin| vec![("allow-origin", origin), ("expose-headers", "etag,link")]);
            assert_eq!(parts.status, status);
            assert_eq!(cors_headers(&parts), answer.unwrap_or_default(), "{allowed:?} {origin}");
        }
    }
    // A request that is no preflight is routed.
    let options = Request::options("/orders/1").header("origin", "https://a.example");
    let (parts, _) = send(&gateway(&named), options.body(Body::empty()).unwrap()).await;
    assert_eq!(parts.status, StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_route_with_a_limit_of_its_own_is_throttled_alone() {
    let clock = Clock::new(|| Timestamp::from_epoch_seconds(1_000).unwrap());
    let mut functions = Functions::default();
    for key in ["GET /open", "GET /other"] {
        functions.insert(key, Function::for_test(responding(json!({})), clock.clone()));
    }
    let throttling = Some(template::Throttling { per_second: 10.0, burst: 20.0 });
    let declared = [HttpRoute { throttling, ..route("GET /open") }, route("GET /other")];
    let routes = Routes::new(&declared, |_| unreachable!()).unwrap();
    let endpoint = Endpoint { api_id: "httpapi".into(), address: ([127, 0, 0, 1], 3000).into() };
    let gateway = HttpGateway::new(routes, None, functions, endpoint, clock);
    let status = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let (parts, body) = send(&gateway, request).await;
        if parts.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(body, "{\"message\":\"Too Many Requests\"}");
        }
        parts.status.as_u16()
    };
    for _ in 0..20 {
        assert_eq!(status("/open").await, 200);
    }
    assert_eq!(status("/open").await, 429);
    assert_eq!(status("/other").await, 200);
    tokio::time::advance(Duration::from_millis(101)).await;
    assert_eq!(status("/open").await, 200);
    assert_eq!(status("/open").await, 429);
}
