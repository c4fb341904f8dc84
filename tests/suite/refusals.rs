//! Every way in which a function rejects a request, and the response to it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Change, Client, NO_ORDER, order, people};

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
async fn a_body_that_is_not_ours_to_read() {
    let app = App::start().await;
    let ops = app.ops().await;
    raw(&ops, "text/plain", "{}").await.problem(415, "unsupported-media-type");
    raw(&ops, "application/jsonx", "{}").await.problem(415, "unsupported-media-type");
    for body in ["", "{", "nul", "{\"a\":1,}", "[1", "\"\\ud800\"", &"[".repeat(60_000)] {
        raw(&ops, "application/json", body.to_owned()).await.problem(400, "invalid-json");
    }
    let twice =
        r#"{"merchant": "m1", "customer": {"name": "Ada", "contact": "12345", "name": "Eve"}}"#;
    let problem = raw(&ops, "application/json", twice).await.problem(400, "invalid-json");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("/customer/name is given twice"), "{detail}");
    raw(&ops, "application/json", vec![0xff, 0xfe]).await.problem(400, "invalid-json");
    raw(&ops, "application/json", " ".repeat(64 * 1024 + 1)).await.problem(413, "too-large");
    raw(&ops, "Application/JSON; charset=utf-8", "[]").await.problem(422, "invalid-fields");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_is_skipped() {
    let app = App::start().await;
    let body = format!("\u{feff}{}", order("m1", "c1"));
    raw(&app.ops().await, "application/json", body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_booleans_of_metadata_are_kept_as_text() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["metadata"] = json!({ "boxes": 3, "weight": 1.5, "gift": true, "note": "fragile" });
    let created = ops.create(&body).await.expect(201);
    let kept = json!({ "boxes": "3", "gift": "true", "note": "fragile", "weight": "1.5" });
    assert_eq!(created["metadata"], kept);
    let id = created["id"].as_str().unwrap();
    ops.operate(id, "pickup", &json!({ "metadata": { "floor": 4 } })).await.expect(200);
    let history = ops.history(id).await.expect(200);
    assert_eq!(history["events"][1]["metadata"], json!({ "floor": "4" }));
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
        // A body equivalent to `{}` is rejected for missing fields, for the order's status, or, if
        // it answers an offer, because only drivers do.
        let expected: &[u16] =
            if ["accept", "decline"].contains(&change.route) { &[403] } else { &[409, 422] };
        let contents = [("text/plain", ""), ("application/json", ""), ("application/json", "{}")];
        for (content_type, body) in contents.into_iter().filter(|_| change.route != "pickup") {
            let response = send(content_type, body.to_owned()).await;
            assert!(expected.contains(&response.status), "{change:?}: {response:?}");
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
        "customer": { "name": " ", "contact": "nobody", "reference": "a,b", "age": 3 },
        "workflow": "teleport",
        "store": 7,
        "external_id": "",
        "currency": "euro",
        "items": [{ "sku": "x", "name": "y", "quantity": 0, "unit_price": -1 }, { "sku": "x" }],
        "addresses": { "pickup": "line\u{7}line" },
        "metadata": { "k": [1] },
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

/// The rules of a workflow and of prices show together with wrong fields, also when the workflow is
/// the merchant's default.
#[tokio::test(flavor = "multi_thread")]
async fn the_rules_between_fields_show_with_the_wrong_fields() {
    let app = App::start().await;
    let ops = app.ops().await;
    let settings = json!({ "default_workflow": "grocery" });
    let put = ops.request(Method::PUT, "/merchants/m1/settings").json(&settings);
    ops.send(put).await.expect(200);
    let parcel = json!({ "workflow": "parcel" });
    let named = json!({ "workflow": "grocery" });
    let price = json!({ "items": [{ "sku": "s", "name": "n", "quantity": 1, "unit_price": 9 }] });
    let dear = json!({ "items": vec![
        json!({ "sku": "s", "name": "n", "quantity": 100_000, "unit_price": 1_000_000_000_000_u64 });
        2
    ], "currency": "EUR", "store": "s1" });
    let gbp = json!({ "currency": "gbp", "store": "s1" });
    let autopilot =
        json!({ "autopilot": { "step_seconds": 60 }, "unanswered": { "answer": "reject" } });
    let cases = [
        (vec![&named], vec!["/customer/contact", "/items", "/store"]),
        (vec![], vec!["/customer/contact", "/items", "/store"]),
        (vec![&parcel], vec!["/customer/contact"]),
        (vec![&price], vec!["/currency", "/customer/contact", "/store"]),
        (vec![&price, &gbp], vec!["/currency", "/customer/contact"]),
        (vec![&dear], vec!["/customer/contact", "/items"]),
        (vec![&autopilot, &parcel], vec!["/customer/contact", "/unanswered"]),
        (vec![&autopilot], vec!["/autopilot", "/customer/contact", "/items", "/store"]),
    ];
    for (parts, expected) in cases {
        let mut body = order("m1", "c1");
        body["customer"]["contact"] = json!("nobody");
        for (name, value) in parts.into_iter().flat_map(|part| part.as_object().unwrap()) {
            body[name] = value.clone();
        }
        let problem = ops.create(&body).await.problem(422, "invalid-fields");
        let mut named = pointers(&problem);
        named.sort_unstable();
        assert_eq!(named, expected, "{body}: {problem}");
    }
    let unnamed = ops.create(&order("m1", "c1")).await.problem(422, "invalid-fields");
    assert_eq!(pointers(&unnamed), ["/store", "/items"]);
}

/// A merchant's default workflow is not shown to others.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_fields_show_no_other_merchants_workflow() {
    let app = App::start().await;
    let ops = app.ops().await;
    let settings = json!({ "default_workflow": "grocery" });
    let put = ops.request(Method::PUT, "/merchants/m1/settings").json(&settings);
    ops.send(put).await.expect(200);
    let mut body = order("m1", "c1");
    body["customer"]["contact"] = json!("nobody");
    let problem = app.client(people::merchant("m2")).await.create(&body).await;
    assert_eq!(pointers(&problem.problem(422, "invalid-fields")), ["/customer/contact"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_creates_nothing_is_refused_before_its_fields() {
    let app = App::start().await;
    for person in [people::support(), people::driver("d1")] {
        let client = app.client(person).await;
        for body in [json!({}), json!({ "colour": 7 }), order("m1", "c1")] {
            client.create(&body).await.problem(403, "forbidden");
        }
        client.get("/orders/export?colour=7").await.problem(403, "forbidden");
        client.get("/reports/service-levels?colour=7").await.problem(403, "forbidden");
    }
}

/// Returns the detail of the error at `pointer`.
fn detail<'a>(problem: &'a Value, pointer: &str) -> &'a str {
    let mut errors = problem["errors"].as_array().expect("errors").iter();
    let error = errors.find(|error| error["pointer"] == pointer);
    error.unwrap_or_else(|| panic!("no {pointer}: {problem}"))["detail"].as_str().expect("text")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_names_the_thing_and_the_way_out() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["externalId"] = json!("x");
    body["colour"] = json!("red");
    body["items"] = json!([{ "sku": "s", "name": "n", "quantity": 1, "unit_prise": 1 }]);
    body["metadata"] = json!({ "good": "x", "bad": "a\u{0}b", "list": [], "": "y" });
    let problem = ops.create(&body).await.problem(422, "invalid-fields");
    for (pointer, expected) in [
        ("/externalId", "unknown field; did you mean external_id?"),
        ("/colour", "unknown field"),
        ("/items/0/unit_prise", "unknown field; did you mean unit_price?"),
        ("/metadata/bad", "must not contain control characters, in key or value"),
        ("/metadata/list", "must be a string, a number or a boolean"),
        ("/metadata/", "must have a key of 1 to 64 characters, of which one is visible"),
    ] {
        assert_eq!(detail(&problem, pointer), expected);
    }
    let limits = json!({ "limits": { "grocery": { "store_notifed": 300 } } });
    let put = ops.request(Method::PUT, "/merchants/m1/settings").json(&limits);
    let problem = ops.send(put).await.problem(422, "invalid-fields");
    let expected = "unknown field; did you mean store_notified?";
    assert_eq!(detail(&problem, "/limits/grocery/store_notifed"), expected);

    let problem = ops.get("/orders?statuss=created").await.problem(422, "invalid-fields");
    assert_eq!(detail(&problem, "?statuss"), "unknown parameter; did you mean status?");
    let problem = ops.get("/orders?status=created,picked_up").await.problem(422, "invalid-fields");
    let told = detail(&problem, "?status");
    assert!(told.starts_with("must be one of: cancelled, created, "), "{told}");
    assert!(told.contains(", picked_up, "), "{told}");
    assert!(told.ends_with("; for several, repeat the parameter"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_closed_order_says_that_the_order_is_closed() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    ops.move_to(&id, "cancelled").await.expect(200);
    for (response, expected) in [
        (
            ops.move_to(&id, "created").await,
            "Cannot go from cancelled to created: this order is closed.",
        ),
        (
            ops.operate(&id, "pickup", &Value::Null).await,
            "Not possible while the order is cancelled: this order is closed.",
        ),
    ] {
        assert_eq!(response.problem(409, "transition-not-allowed")["detail"], expected);
    }
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
        json!({
            "line": 1, "sku": "s", "name": "n", "quantity": 1, "unit_price": 250, "amount": 250,
        })
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
    assert_eq!(problem["operations"], json!(["assign", "pickup", "cancel", "fail"]));
    assert_eq!(problem["version"], 1);

    let problem = ops.move_to(&id, "driver_assigned").await.problem(409, "owned-by-operation");
    assert_eq!(problem["operation"], "assign");
    ops.unassign(&id, "why not").await.problem(409, "transition-not-allowed");
    ops.assign(&id, "d1").await.expect(200);
    for driver in ["d1", "d2"] {
        let problem = ops.assign(&id, driver).await.problem(409, "already-assigned");
        assert_eq!(problem["driver"], "d1");
    }
    let path = format!("/orders/{id}/assign");
    let send = async |tag: &str, body: &Value| {
        let request = ops.request(Method::POST, &path).header("if-match", tag);
        ops.send(request.json(body)).await
    };
    // `*` names no version, so it replaces nobody.
    send("*", &json!({ "driver": "d2" })).await.problem(409, "already-assigned");
    send("\"1\"", &json!({ "driver": "d2" })).await.problem(412, "precondition-failed");
    send("\"2\"", &json!({ "driver": "d2" })).await.expect(200);
    ops.assign(&id, "d3").await.problem(409, "already-assigned");
    let unsure = json!({ "driver": "d3", "replace": "yes" });
    assert_eq!(pointers(&send("*", &unsure).await.problem(422, "invalid-fields")), ["/replace"]);
    assert_eq!(ops.replace_driver(&id, "d3").await.expect(200)["driver"], "d3");

    let problem = ops.move_to(&id, "lost").await.problem(422, "invalid-fields");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("picked_up"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_late_is_not_never() {
    let app = App::start().await;
    let customer = app.client(people::customer("m1", "c1")).await;
    let id = app.place_order().await;
    let problem = customer.move_to(&id, "picked_up").await.problem(403, "forbidden");
    assert_eq!(problem["allowed"], json!(["cancelled"]));
    customer.change_status(&id, "delivered").await.problem(403, "forbidden");
    let support = app.client(people::support()).await;
    support.move_to(&id, "cancelled").await.problem(403, "forbidden");
    app.ops().await.assign(&id, "d1").await.expect(200);
    let late = customer.move_to(&id, "cancelled").await.problem(409, "transition-not-allowed");
    assert_eq!((&late["order_status"], &late["allowed"]), (&json!("driver_assigned"), &json!([])));
    app.ops().await.unassign(&id, "on foot").await.expect(200);
    customer.move_to(&id, "cancelled").await.expect(200);
    support.move_to(&id, "cancelled").await.problem(403, "forbidden");
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
    let problem = ops.get("/orders?status=a&status=b&limit=x&z=1&z=2").await;
    assert_eq!(pointers(&problem.problem(422, "invalid-fields")), ["?status", "?limit", "?z"]);
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
