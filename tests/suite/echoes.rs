//! A refusal repeats names of the client's choice, so its size is bounded, whatever was sent.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Response, id_of, order};

/// The size of a query, in bytes: with the token, it fits into the 10,240 bytes of API Gateway.
const QUERY: usize = 8_900;

/// The size of a body, in bytes: the largest that is read.
const BODY: usize = 64 * 1024;

/// The maximum size of a refusal, in bytes: 100 errors, each with a name of 100 characters.
const REFUSAL: usize = 50_000;

/// The maximum size of the refusal of a query, in bytes.
const REFUSAL_OF_QUERY: usize = 2 * QUERY;

/// The maximum size of the refusal of a message, in bytes: less than the names that are sent.
const REFUSAL_OF_MESSAGE: usize = 20_000;

/// Returns `size` bytes at most of different parts.
fn of_size(size: usize, part: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for n in 0.. {
        let next = part(n);
        if text.len() + next.len() > size {
            break;
        }
        text.push_str(&next);
    }
    text
}

#[track_caller]
fn assert_bounded(response: &Response, bytes: usize, case: &str) {
    assert!(response.status == 422 || response.status == 400, "{case}: {response:?}");
    let headers: usize =
        response.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    assert!(response.text.len() <= bytes && headers < 1_000, "{case}: {}", response.text.len());
    let problem = response.json();
    for error in problem["errors"].as_array().into_iter().flatten() {
        assert!(error["pointer"].as_str().unwrap().chars().count() <= 101, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refusal_of_a_query_is_bounded() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let queries = [
        of_size(QUERY, |n| format!("{n:x}&")),
        of_size(QUERY, |n| format!("name-of-a-parameter-{n}=value&")),
        of_size(QUERY, |n| format!("{n}{}&", "%F0%9F%9A%B2".repeat(8))),
        "a".repeat(QUERY),
        format!("limit={}", "1".repeat(QUERY)),
        format!("cursor={}", "A".repeat(QUERY)),
        of_size(QUERY, |n| format!("status=s{n}&")),
    ];
    let one = format!("/orders/{id}");
    let timeline = format!("{one}/timeline");
    for path in ["/orders", "/orders/export", "/reports/service-levels", &one, &timeline] {
        for query in &queries {
            let asked = format!("{path}?{query}");
            assert_bounded(&ops.get(&asked).await, REFUSAL_OF_QUERY, &asked);
        }
    }
}

/// Returns bodies of 64 KB with names that no operation knows.
fn bodies() -> [String; 6] {
    let members = |part: &dyn Fn(usize) -> String| {
        format!("{{{}}}", of_size(BODY - 40, part).trim_end_matches(','))
    };
    let long = "a".repeat(30_000);
    [
        members(&|n| format!(r#""{n:x}":0,"#)),
        members(&|n| format!(r#""{n}{}":0,"#, "é".repeat(200))),
        format!(r#"{{"{long}":1}}"#),
        format!(r#"{{"{long}":1,"{long}":1}}"#),
        format!(r#"{{"{long}":[{}0]}}"#, "0,".repeat(15_000)),
        format!(r#"{{"metadata":{}}}"#, members(&|n| format!(r#""{n}":[],"#)).replace(' ', "")),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refusal_of_a_body_is_bounded() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    for body in bodies() {
        for (method, path) in [
            (Method::POST, "/orders".to_owned()),
            (Method::PATCH, format!("/orders/{id}")),
            (Method::PATCH, format!("/orders/{id}/status")),
            (Method::PUT, "/merchants/m1/settings".to_owned()),
        ] {
            let request = ops.request(method, &path).header("content-type", "application/json");
            let case = format!("{path} {body:.80}");
            assert_bounded(&ops.send(request.body(body.clone())).await, REFUSAL, &case);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_refusal_of_a_message_is_bounded() {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    let long = "a".repeat(30_000);
    let unknown: serde_json::Map<String, Value> =
        (0..1_200).map(|n| (format!("unknown-{n}"), json!(n))).collect();
    for message in [
        Value::Object(unknown).to_string(),
        json!({ "action": "ping", &*long: 1 }).to_string(),
        json!({ "action": long }).to_string(),
        json!({ "action": "subscribe", "topic": format!("driver:{long}") }).to_string(),
        json!({ "action": "snapshot", "topic": "orders", "cursor": long }).to_string(),
        format!(r#"{{"{long}":1"#),
    ] {
        live.send_text(&message).await;
        let refusal = live.next().await;
        assert_eq!(refusal["type"], "problem", "{message:.80}");
        assert!(
            refusal.to_string().len() <= REFUSAL_OF_MESSAGE,
            "{message:.80}: {}",
            refusal.to_string().len()
        );
    }
}
