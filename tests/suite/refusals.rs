//! Every way in which a request is rejected, and the response to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::template::Route;
use crate::harness::{App, Change, Client, Template, order, people};

const NO_ORDER: &str = "0195b3c0-7b1e-7000-8000-0123456789ab";

fn pointers(problem: &Value) -> Vec<&str> {
    let errors = problem["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

async fn raw(
    client: &Client,
    content_type: &str,
    body: impl Into<reqwest::Body>,
) -> crate::harness::Response {
    let request = client.request(Method::POST, "/orders").header("content-type", content_type);
    client.send(request.body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_gateway_refuses_it_refuses_in_its_own_shape() {
    let app = App::start().await;
    let anonymous = app.anonymous();
    for Route { method, path, is_open, .. } in Template::load().routes() {
        let method: Method = method.parse().unwrap();
        let request = anonymous.request(method, &path.replace("{id}", NO_ORDER));
        let response = anonymous.send(request).await;
        if is_open {
            response.expect(200);
        } else {
            assert_eq!(response.expect(401), json!({ "message": "Unauthorized" }));
        }
    }
    let liar = Client::new(&app.runner.http_url(), Some("not.a.token".to_owned()));
    assert_eq!(liar.get("/orders").await.expect(401), json!({ "message": "Unauthorized" }));
    for path in ["/nothing", "/orders/a/b/c", "/"] {
        let response = app.ops().await.get(path).await;
        assert_eq!(response.expect(404), json!({ "message": "Not Found" }));
    }
    assert_eq!(anonymous.get("/health").await.expect(200), json!({ "status": "ok" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_ours_to_read() {
    let app = App::start().await;
    let ops = app.ops().await;
    raw(&ops, "text/plain", "{}").await.problem(415, "unsupported-media-type");
    raw(&ops, "application/jsonx", "{}").await.problem(415, "unsupported-media-type");
    for body in ["", "{", "nul", "{\"a\":1,}", "[1", "\"\\ud800\"", &"[".repeat(60_000)] {
        raw(&ops, "application/json", body.to_owned()).await.problem(400, "invalid-json");
    }
    raw(&ops, "application/json", vec![0xff, 0xfe]).await.problem(400, "invalid-json");
    raw(&ops, "application/json", " ".repeat(64 * 1024 + 1)).await.problem(413, "too-large");
    raw(&ops, "Application/JSON; charset=utf-8", "[]").await.problem(422, "invalid-fields");
}

/// A change without required fields needs no body; a body that is sent must be JSON.
#[tokio::test(flavor = "multi_thread")]
async fn the_body_of_a_change_may_be_left_out_and_is_json_otherwise() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    for change in Change::all() {
        let send = async |content_type: &str, body: String| {
            let request = ops.request(change.method.clone(), &change.path(&id));
            ops.send(request.header("content-type", content_type).body(body)).await
        };
        send("text/plain", "{}".to_owned()).await.problem(415, "unsupported-media-type");
        send("application/json", "{".to_owned()).await.problem(400, "invalid-json");
        send("application/json", " ".repeat(64 * 1024 + 1)).await.problem(413, "too-large");
        send("application/json", "null".to_owned()).await.problem(422, "invalid-fields");
        let unknown = send("application/json", r#"{"colour":7}"#.to_owned()).await;
        let problem = unknown.problem(422, "invalid-fields");
        assert!(pointers(&problem).contains(&"/colour"), "{change:?}: {problem}");
        // A body equivalent to `{}` is rejected for missing fields or for the order's status.
        let contents = [("text/plain", ""), ("application/json", ""), ("application/json", "{}")];
        for (content_type, body) in contents.into_iter().filter(|_| change.route != "pickup") {
            let response = send(content_type, body.to_owned()).await;
            assert!([409, 422].contains(&response.status), "{change:?}: {response:?}");
        }
    }
    ops.operate(&id, "pickup", &Value::Null).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_body_names_each_wrong_field_at_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let body = json!({
        "merchant": "m#1",
        "customer": { "name": " ", "contact": "nobody", "reference": "a#b", "age": 3 },
        "workflow": "teleport",
        "store": 7,
        "external_id": "",
        "currency": "euro",
        "items": [{ "sku": "x", "name": "y", "quantity": 0, "unit_price": -1 }, { "sku": "x" }],
        "addresses": { "pickup": "line\nline" },
        "metadata": { "k": 1 },
        "status": "delivered",
    });
    let problem = ops.create(&body).await.problem(422, "invalid-fields");
    let mut named = pointers(&problem);
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "/addresses/pickup",
            "/currency",
            "/customer/age",
            "/customer/contact",
            "/customer/name",
            "/customer/reference",
            "/external_id",
            "/items/0/quantity",
            "/items/0/unit_price",
            "/items/1/name",
            "/items/1/quantity",
            "/merchant",
            "/metadata/k",
            "/status",
            "/store",
            "/workflow",
        ]
    );
    let errors = problem["errors"].as_array().unwrap();
    assert!(errors.iter().all(|error| !error["detail"].as_str().unwrap().is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_needs_a_currency_and_ops_must_name_the_merchant() {
    let app = App::start().await;
    let mut body = order("m1", "c1");
    body["items"] = json!([{ "sku": "s", "name": "n", "quantity": 1, "unit_price": 250 }]);
    body.as_object_mut().unwrap().remove("merchant");
    let problem = app.ops().await.create(&body).await.problem(422, "invalid-fields");
    assert_eq!(pointers(&problem), ["/merchant", "/currency"]);
    body["currency"] = json!("EUR");
    let created = app.client(people::merchant("m1")).await.create(&body).await.expect(201);
    assert_eq!(created["merchant"], "m1");
    assert_eq!(
        created["items"][0],
        json!({ "line": 1, "sku": "s", "name": "n", "quantity": 1, "unit_price": 250 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_orders_id_is_not_there() {
    let app = App::start().await;
    let ops = app.ops().await;
    for id in [NO_ORDER, "x", "%ff", "%00", "..%2f..", &NO_ORDER.to_uppercase(), &"9".repeat(3000)]
    {
        ops.order(id).await.problem(404, "not-found");
        ops.history(id).await.problem(404, "not-found");
        ops.move_to(id, "picked_up").await.problem(404, "not-found");
        ops.assign(id, "d1").await.problem(404, "not-found");
    }
}

/// Encoded characters in an id cannot change the route of a request.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_cannot_lead_to_another_route() {
    let app = App::start().await;
    let ops = app.ops().await;
    let order = app.place_order().await;
    for id in ["%2fhistory", "%00", "%20", "%09", "%23x", "%3Fa", "%2f", "%3B"] {
        ops.order(&format!("{order}{id}")).await.problem(404, "not-found");
        ops.history(&format!("{order}{id}")).await.problem(404, "not-found");
    }
    for id in ["..%2f..%2fhealth", &format!("x%2f..%2f{order}"), &format!("%2f{order}")] {
        ops.order(id).await.problem(404, "not-found");
        ops.assign(id, "d1").await.problem(404, "not-found");
    }
    let body = json!({ "driver": "d1" });
    for id in ["%2fassign%23", "%2fassign%3f", "%2fassign%2f.."] {
        let path = format!("/orders/{order}{id}/unassign");
        ops.post(&path, &body).await.problem(404, "not-found");
    }
    assert_eq!(ops.order(&order).await.expect(200)["version"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_is_not_there_says_which_are() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let problem = ops.change_status(&id, "delivered").await.problem(409, "transition-not-allowed");
    assert_eq!(problem["order_status"], "created");
    assert_eq!(problem["allowed"], json!(["picked_up", "cancelled", "failed"]));
    assert_eq!(problem["operations"], json!(["assign", "pickup"]));
    assert_eq!(problem["version"], 1);

    let problem = ops.move_to(&id, "driver_assigned").await.problem(409, "owned-by-operation");
    assert_eq!(problem["operation"], "assign");
    ops.unassign(&id, "why not").await.problem(409, "transition-not-allowed");
    ops.assign(&id, "d1").await.expect(200);
    let problem = ops.assign(&id, "d1").await.problem(409, "already-assigned");
    assert_eq!(problem["driver"], "d1");

    let problem = ops.move_to(&id, "lost").await.problem(422, "invalid-fields");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("picked_up"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_others_is_forbidden_after_a_step_that_is_not_there() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = app.place_order().await;
    let problem = customer.move_to(&id, "picked_up").await.problem(403, "forbidden");
    assert_eq!(problem["allowed"], json!(["cancelled"]));
    customer.change_status(&id, "delivered").await.problem(409, "transition-not-allowed");
    app.client(people::support()).await.move_to(&id, "cancelled").await.problem(403, "forbidden");
    customer.move_to(&id, "cancelled").await.expect(200);
    let closed = app.ops().await.move_to(&id, "created").await;
    assert_eq!(closed.problem(409, "transition-not-allowed")["allowed"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_is_honoured() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let path = format!("/orders/{id}/status");
    let send = async |tag: &str, status: &str| {
        let request = ops.request(Method::PATCH, &path).header("if-match", tag);
        ops.send(request.json(&json!({ "status": status }))).await
    };
    let stale = send("\"2\"", "picked_up").await;
    assert_eq!(stale.problem(412, "precondition-failed")["version"], 1);
    assert_eq!(stale.header("etag"), "\"1\"");
    send("W/\"2\"", "picked_up").await.problem(412, "precondition-failed");
    send("1", "picked_up").await.problem(400, "invalid-header");
    // A stale version is rejected before the workflow is considered.
    send("\"2\"", "delivered").await.problem(412, "precondition-failed");
    assert_eq!(send("\"1\"", "picked_up").await.header("etag"), "\"2\"");
    assert_eq!(send("*", "in_transit").await.header("etag"), "\"3\"");
    // A proxy that compresses makes the tag weak, or adds to it.
    for (tag, next) in
        [("W/\"3\"", "\"4\""), ("\"4-gzip\"", "\"5\""), ("\"1\", W/\"5.x\"", "\"6\"")]
    {
        let headers = [("if-match", tag)];
        assert_eq!(Change::open_issue().ask_with(&ops, &id, &headers).await.header("etag"), next);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_names_one_order_of_a_merchant() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["external_id"] = json!("2026-0001");
    ops.create(&body).await.expect(201);
    ops.create(&body).await.problem(409, "external-id-taken");
    body["merchant"] = json!("m2");
    ops.create(&body).await.expect(201);
    let customer = app.client(people::customer("m1", "c1")).await;
    let problem = customer.create(&body).await.problem(422, "invalid-fields");
    assert_eq!(pointers(&problem), ["/external_id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_says_nobody_is_refused() {
    let app = App::start().await;
    let response =
        app.anonymous().post("/dev/token", &json!({ "role": "merchant", "id": "x" })).await;
    assert_eq!(response.status, 422, "{}", response.text);
    let response = app.anonymous().post("/dev/token", &json!({ "role": "king", "id": "x" })).await;
    assert_eq!(response.status, 422, "{}", response.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn query_parameters_are_checked() {
    let app = App::start().await;
    let ops = app.ops().await;
    for query in ["limit=0", "limit=101", "limit=x", "limit=1&limit=2", "colour=red", "limit="] {
        ops.get(&format!("/orders?{query}")).await.problem(422, "invalid-fields");
    }
    for cursor in ["x", "", "AAAA", "%ff", "a b"] {
        ops.get(&format!("/orders?cursor={cursor}")).await.problem(400, "invalid-cursor");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn throttled_storage_is_unavailable_and_says_when_to_come_back() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    app.faults.inject(|_| Some(emulator::transport::Fault::throttled()));
    for response in [
        ops.create(&order("m1", "c1")).await,
        ops.move_to(&id, "picked_up").await,
        ops.order(&id).await,
        ops.get("/orders").await,
        app.anonymous().get("/health").await,
    ] {
        response.problem(503, "unavailable");
        assert_eq!(response.header("retry-after"), "1");
    }
    app.faults.clear();
    ops.move_to(&id, "picked_up").await.expect(200);
}
