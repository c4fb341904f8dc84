//! A merchant's settings for all its orders.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, grocery, id_of, order, people};

const PATH: &str = "/merchants/m1/settings";

async fn set(client: &Client, body: &Value) -> Response {
    client.send(client.request(Method::PUT, PATH).json(body)).await
}

fn by_default(workflow: &str) -> Value {
    json!({
        "merchant": "m1",
        "default_workflow": workflow,
        "shortages": "apply",
        "drivers": "any",
        "dispatch": {
            "mode": "manual",
            "fleets": ["own", "platform"],
            "offers_at_once": 3,
            "offer_seconds": 45,
            "rounds": 4,
            "radius_m": 3000,
        },
        "positions_from": "pickup",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_names_no_workflow_follows_what_its_merchant_has_set() {
    let app = App::start().await;
    let (ops, merchant) = (app.ops().await, app.client(people::merchant("m1")).await);
    let created = async |client: &Client, body: &Value| {
        client.create(body).await.expect(201)["workflow"].as_str().unwrap().to_owned()
    };
    let plain = order("m1", "c1");
    assert_eq!(merchant.get(PATH).await.expect(200), by_default("courier"));
    assert_eq!(created(&merchant, &plain).await, "courier");

    let parcel = json!({ "default_workflow": "parcel" });
    assert_eq!(set(&merchant, &parcel).await.expect(200), by_default("parcel"));
    assert_eq!(ops.get(PATH).await.expect(200), by_default("parcel"));
    let customer = app.client(people::customer("m1", "c1")).await;
    for client in [&merchant, &ops, &customer] {
        assert_eq!(created(client, &plain).await, "parcel");
    }
    let mut named = plain.clone();
    named["workflow"] = json!("courier");
    assert_eq!(created(&merchant, &named).await, "courier");
    assert_eq!(created(&ops, &order("m2", "c1")).await, "courier", "of another merchant");

    assert_eq!(set(&ops, &json!({})).await.expect(200), by_default("courier"));
    assert_eq!(created(&merchant, &plain).await, "courier");
}

/// A repeated creation returns the first order, whatever settings have changed since.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_keeps_the_workflow_that_it_was_created_with() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let body = order("m1", "c1");
    let create = async || merchant.keyed(Method::POST, "/orders", "k", &body).await;
    let first = create().await;
    // As a grocery order it would be rejected: it has no store.
    for workflow in ["parcel", "grocery"] {
        set(&merchant, &json!({ "default_workflow": workflow })).await.expect(200);
        let again = create().await;
        assert_eq!(again.expect(201), first.expect(201));
        assert_eq!(again.header("idempotent-replayed"), "true");
    }
    merchant.keyed(Method::POST, "/orders", "new", &body).await.problem(422, "invalid-fields");
    let other = order("m1", "c2");
    merchant.keyed(Method::POST, "/orders", "k", &other).await.problem(422, "key-reused");
    let id = id_of(&first.json());
    assert_eq!(merchant.move_to(&id, "picked_up").await.expect(200)["workflow"], "courier");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_by_whoever_manages_and_set_by_ops_and_the_merchant() {
    let app = App::start().await;
    let body = json!({ "default_workflow": "grocery" });
    for (person, read, written) in [
        (people::ops(), 200, 200),
        (people::merchant("m1"), 200, 200),
        (people::store("m1", "s1"), 200, 403),
        (people::support(), 200, 403),
        (people::merchant("m2"), 404, 404),
        (people::store("m2", "s1"), 404, 404),
        (people::customer("m1", "c1"), 404, 404),
        (people::driver("d1"), 404, 404),
    ] {
        let client = app.client(person.clone()).await;
        set(&app.ops().await, &json!({ "default_workflow": "parcel" })).await.expect(200);
        assert_eq!(client.get(PATH).await.status, read, "{person}");
        let response = set(&client, &body).await;
        assert_eq!(response.status, written, "{person}: {}", response.text);
        let now = app.ops().await.get(PATH).await.expect(200);
        let workflow = if written == 200 { "grocery" } else { "parcel" };
        assert_eq!(now["default_workflow"], workflow, "{person}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_refused() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (body, field) in [
        (json!({ "default_workflow": "teleport" }), "/default_workflow"),
        (json!({ "default_workflow": 3 }), "/default_workflow"),
        (json!({ "shortages": "never" }), "/shortages"),
        (json!({ "drivers": "all" }), "/drivers"),
        (json!({ "positions_from": "always" }), "/positions_from"),
        (json!({ "colour": "red" }), "/colour"),
        (json!([]), ""),
    ] {
        let problem = set(&ops, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field);
    }
    for merchant in ["a%23b", "a:b", "%00", "..%2f..%2forders", &"m".repeat(65)] {
        ops.get(&format!("/merchants/{merchant}/settings")).await.problem(404, "not-found");
    }
    assert_eq!(ops.get(PATH).await.expect(200), by_default("courier"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grocery_order_names_its_store_and_what_is_in_it() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let without = |field: &str| {
        let mut body = grocery("m1", "s1", "c1");
        body.as_object_mut().unwrap().remove(field);
        body
    };
    let mut empty = grocery("m1", "s1", "c1");
    empty["items"] = json!([]);
    for (body, field) in
        [(without("store"), "/store"), (without("items"), "/items"), (empty, "/items")]
    {
        let problem = merchant.create(&body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field);
    }
    let clerk = app.client(people::store("m1", "s1")).await;
    let created = clerk.create(&without("store")).await.expect(201);
    assert_eq!(created["store"], "s1", "a clerk's store is their own");

    set(&merchant, &json!({ "default_workflow": "grocery" })).await.expect(200);
    let problem = merchant.create(&order("m1", "c1")).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/store");
    merchant.create(&without("workflow")).await.expect(201);
}

/// A merchant that has registered its stores cannot send an order to another one by mistake.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_the_merchant_does_not_have_is_refused() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let ops = app.ops().await;
    let before = id_of(&merchant.create(&grocery("m1", "s9", "c1")).await.expect(201));
    let stores = json!({ "stores": ["s2", "s1", "s2"] });
    let mut expected = by_default("courier");
    expected["stores"] = json!(["s1", "s2"]);
    assert_eq!(set(&merchant, &stores).await.expect(200), expected);
    assert_eq!(merchant.get(PATH).await.expect(200), expected);
    let refused = |response: Response, field: &str| {
        let problem = response.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field);
        let detail = "is not one of the stores in the merchant's settings";
        assert_eq!(problem["errors"][0]["detail"], detail);
    };
    refused(merchant.create(&grocery("m1", "s3", "c1")).await, "/store");
    refused(ops.create(&grocery("m1", "s3", "c1")).await, "/store");
    let clerk = app.client(people::store("m1", "s3")).await;
    refused(clerk.create(&order("m1", "c1")).await, "/store");
    merchant.create(&order("m1", "c1")).await.expect(201);
    merchant.create(&grocery("m1", "s1", "c1")).await.expect(201);
    ops.create(&grocery("m2", "s3", "c1")).await.expect(201);
    let reject = async |id: &str, to: &str| {
        merchant.operate(id, "reject", &json!({ "reason": "full", "reassign_to": to })).await
    };
    let reassign =
        async |id: &str, to: &str| merchant.operate(id, "reassign", &json!({ "store": to })).await;
    refused(reject(&before, "s3").await, "/reassign_to");
    assert_eq!(reject(&before, "s1").await.expect(200)["store"], "s1");
    merchant.operate(&before, "reject", &json!({ "reason": "full" })).await.expect(200);
    refused(reassign(&before, "s3").await, "/store");
    assert_eq!(reassign(&before, "s2").await.expect(200)["store"], "s2");
    for (body, field) in [
        (json!({ "stores": ["s1"], "fallback_store": "s2" }), "/fallback_store"),
        (json!({ "stores": ["s#1"] }), "/stores/0"),
        (json!({ "stores": "s1" }), "/stores"),
    ] {
        let problem = set(&merchant, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], field, "{body}");
    }
    set(&merchant, &json!({ "stores": [] })).await.expect(200);
    assert_eq!(reject(&before, "s9").await.expect(200)["store"], "s9");
}

/// Two people who change the settings at once do not overwrite each other.
#[tokio::test(flavor = "multi_thread")]
async fn settings_are_set_on_the_version_that_was_read() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let set_on = async |tag: &str, workflow: &str| {
        let body = json!({ "default_workflow": workflow });
        let request = merchant.request(Method::PUT, PATH).header("if-match", tag);
        merchant.send(request.json(&body)).await
    };
    let read = merchant.get(PATH).await;
    let tag = read.header("etag").to_owned();
    let first = set_on(&tag, "parcel").await;
    assert_eq!(first.expect(200), by_default("parcel"));
    assert_eq!(first.header("etag"), "\"1\"");
    set_on(&tag, "grocery").await.problem(412, "precondition-failed");
    assert_eq!(merchant.get(PATH).await.expect(200), by_default("parcel"));
    set_on(first.header("etag"), "grocery").await.expect(200);
    set(&merchant, &json!({})).await.expect(200);
    assert_eq!(merchant.get(PATH).await.expect(200), by_default("courier"));
}
