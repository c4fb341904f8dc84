//! Guarantee 3: a repeated request has one effect, even if its response was lost.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use db::Digest;
use domain::OrderId;
use emulator::transport::{Call, Fault};
use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Change, grocery, id_of, order, people, stored};

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_is_the_first_one_again() {
    let app = App::start().await;
    let ops = app.ops().await;
    let first = ops.keyed(Method::POST, "/orders", "k1", &order("m1", "c1")).await;
    let id = first.expect(201)["id"].as_str().unwrap().to_owned();
    assert_eq!(first.header("idempotent-replayed"), "");
    ops.move_to(&id, "picked_up").await.expect(200);

    let again = ops.keyed(Method::POST, "/orders", "k1", &order("m1", "c1")).await;
    assert_eq!(again.expect(201), first.expect(201), "as it was then, not as it is now");
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("location"), first.header("location"));
    assert_eq!(again.header("etag"), "\"1\"");

    ops.keyed(Method::POST, "/orders", "k1", &order("m1", "c2")).await.problem(422, "key-reused");
    // The same key of another caller is a different key.
    let other = app.client(people::merchant("m1")).await;
    let theirs = other.keyed(Method::POST, "/orders", "k1", &order("m1", "c1")).await;
    assert_ne!(theirs.expect(201)["id"], first.expect(201)["id"]);
}

/// One `sub` holds a token of each role and binding that may create orders. Every token's key is
/// its own, and a repetition returns the token's own order.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_good_for_one_role_and_one_binding() {
    let app = App::start().await;
    let mut ids = BTreeSet::new();
    let tokens = [
        json!({ "role": "ops", "id": "erp" }),
        json!({ "role": "merchant", "id": "erp", "merchant": "m1" }),
        json!({ "role": "merchant", "id": "erp", "merchant": "m2" }),
        json!({ "role": "merchant", "id": "erp", "merchant": "m1", "store": "s1" }),
        json!({ "role": "merchant", "id": "erp", "merchant": "m1", "store": "s2" }),
        json!({ "role": "customer", "id": "erp", "merchant": "m1", "reference": "c1" }),
        json!({ "role": "customer", "id": "erp", "merchant": "m1", "reference": "c2" }),
        json!({ "role": "customer", "id": "erp", "merchant": "m2", "reference": "c1" }),
    ];
    for token in &tokens {
        let person = app.client(token.clone()).await;
        let mut body = order("m1", "c1");
        if token["role"] != "ops" {
            body = json!({ "customer": { "name": "Ada", "contact": "+44 20 7946 0000" } });
        }
        let create = async || person.keyed(Method::POST, "/orders", "k", &body).await;
        let first = create().await;
        assert_eq!(first.header("idempotent-replayed"), "", "{token}");
        let id = id_of(&first.expect(201));
        assert_eq!(first.header("location"), format!("/orders/{id}"));
        let again = create().await;
        assert_eq!(again.expect(201), first.expect(201), "{token}");
        assert_eq!(again.header("idempotent-replayed"), "true", "{token}");
        person.order(&id).await.expect(200);
        ids.insert(id);
    }
    assert_eq!(ids.len(), tokens.len());
}

/// A creation has an order to return whatever happens to the order afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_whose_order_went_to_another_store_may_repeat_its_creation() {
    let app = App::start().await;
    let clerk = app.client(people::store("m1", "s1")).await;
    let body = grocery("m1", "s1", "c1");
    let first = clerk.keyed(Method::POST, "/orders", "k", &body).await;
    let id = id_of(&first.expect(201));
    clerk.operate(&id, "reject", &json!({ "reason": "no milk" })).await;
    app.ops().await.operate(&id, "reassign", &json!({ "store": "s2" })).await.expect(200);
    clerk.order(&id).await.problem(404, "not-found");
    let again = clerk.keyed(Method::POST, "/orders", "k", &body).await;
    assert_eq!(again.expect(201), first.expect(201));
    assert_eq!(again.header("location"), format!("/orders/{id}"));
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_change_is_answered_as_it_was_even_after_the_head_forgot_it() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let assign = format!("/orders/{id}/assign");
    let first = ops.keyed(Method::POST, &assign, "k0", &json!({ "driver": "d0" })).await;
    for n in 1..=9 {
        let body = json!({ "driver": format!("d{n}"), "replace": true });
        ops.keyed(Method::POST, &assign, &format!("k{n}"), &body).await.expect(200);
    }
    let again = ops.keyed(Method::POST, &assign, "k0", &json!({ "driver": "d0" })).await;
    assert_eq!(again.expect(200), first.expect(200));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let reused = ops.keyed(Method::POST, &assign, "k0", &json!({ "driver": "d1" })).await;
    reused.problem(422, "key-reused");
    assert_eq!(stored::checked(&app, &id).await, 11);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_comes_before_if_match_and_the_workflow_and_after_the_body() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let path = format!("/orders/{id}/status");
    let send = async |body| {
        let request = ops.request(Method::PATCH, &path).header("if-match", "\"1\"");
        ops.send(request.header("idempotency-key", "k").json(&body)).await
    };
    let first = send(json!({ "status": "picked_up" })).await;
    first.expect(200);
    assert_eq!(send(json!({ "status": "picked_up" })).await.expect(200), first.expect(200));
    send(json!({ "status": "nowhere" })).await.problem(422, "invalid-fields");
    send(json!({ "status": "in_transit" })).await.problem(422, "key-reused");
    // Without a key, a change to the same status is a conflict.
    ops.move_to(&id, "picked_up").await.problem(409, "transition-not-allowed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_not_remembered() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let path = format!("/orders/{id}/status");
    let body = json!({ "status": "in_transit" });
    let send = async || ops.keyed(Method::PATCH, &path, "k", &body).await;
    send().await.problem(409, "transition-not-allowed");
    ops.move_to(&id, "picked_up").await.expect(200);
    send().await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_gave_an_order_back_may_repeat_it() {
    let app = App::start().await;
    let driver = app.client(people::driver("d1")).await;
    let id = app.place_order().await;
    app.ops().await.assign(&id, "d1").await.expect(200);
    let path = format!("/orders/{id}/unassign");
    let body = json!({ "reason": "a flat tyre" });
    let first = driver.keyed(Method::POST, &path, "k", &body).await;
    first.expect(204);
    assert_eq!(first.header("etag"), "\"3\"");
    let again = driver.keyed(Method::POST, &path, "k", &body).await;
    again.expect(204);
    assert_eq!(again.header("idempotent-replayed"), "true");
    for (key, reason) in [("k2", "a flat tyre"), ("k", "another reason")] {
        let body = json!({ "reason": reason });
        driver.keyed(Method::POST, &path, key, &body).await.problem(404, "not-found");
    }
    driver.order(&id).await.problem(404, "not-found");
    // History is not read for a caller who does not see the order.
    let assign = format!("/orders/{id}/assign");
    for n in 0..8 {
        driver.keyed(Method::POST, &path, "k", &body).await.expect(204);
        let body = json!({ "driver": format!("d{}", n + 2), "replace": true });
        app.ops().await.keyed(Method::POST, &assign, &format!("k{n}"), &body).await.expect(200);
    }
    driver.keyed(Method::POST, &path, "k", &body).await.problem(404, "not-found");
}

/// The creator, the method and the path stand in history or in the documents, and a key can be
/// guessed; only the secret of the stack cannot.
#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_an_order_is_no_digest_of_what_others_know() {
    let app = App::start().await;
    let id = id_of(
        &app.ops().await.keyed(Method::POST, "/orders", "k", &order("m1", "c1")).await.expect(201),
    );
    let issuer = app.runner.issuer().url();
    for last in ["order", "order id", ""] {
        let scope = [issuer, "ops", "olga", "POST", "/orders", "k", last].map(str::as_bytes);
        let length = if last.is_empty() { 6 } else { 7 };
        let computed = OrderId::derived(Digest::bytes_of(scope.into_iter().take(length)));
        assert_ne!(id, computed.to_string());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_a_shape() {
    let app = App::start().await;
    let ops = app.ops().await;
    for key in ["", &"k".repeat(256)] {
        let response = ops.keyed(Method::POST, "/orders", key, &order("m1", "c1")).await;
        response.problem(400, "invalid-header");
    }
    ops.keyed(Method::POST, "/orders", &"k".repeat(255), &order("m1", "c1")).await.expect(201);
}

/// Loses the response of the first commit and of every retry of it by the SDK; later calls
/// succeed.
fn lose_the_first_commit(app: &App) {
    let lost = AtomicU32::new(0);
    app.faults.inject(move |call: &Call| {
        let is_commit = call.operation() == "TransactWriteItems";
        (is_commit && lost.fetch_add(1, Ordering::Relaxed) < 3).then_some(Fault::LoseResponse)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_whose_response_was_lost_is_done_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    lose_the_first_commit(&app);
    assert_eq!(ops.move_to(&id, "picked_up").await.expect(200)["version"], 2);
    assert_eq!(stored::checked(&app, &id).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_and_an_erasure_whose_responses_were_lost_are_done_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    lose_the_first_commit(&app);
    let corrected = Change::correct_details().ask(&ops, &id).await;
    assert_eq!(corrected.expect(200)["version"], 2);
    let contact = ops.order(&id).await.expect(200)["customer"]["contact"].clone();
    assert_eq!(contact, Change::correct_details().body["customer"]["contact"]);
    ops.move_to(&id, "cancelled").await.expect(200);
    lose_the_first_commit(&app);
    assert_eq!(Change::erase_details().ask(&ops, &id).await.expect(200)["version"], 4);
    assert!(!stored::has_details(&app, &id).await);
    assert_eq!(stored::checked(&app, &id).await, 4);
}

/// An attempt whose response is lost counts as one attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_code_whose_response_was_lost_counts_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    body["handover_code"] = json!("4711");
    let id = id_of(&ops.create(&body).await.expect(201));
    for status in ["picked_up", "in_transit"] {
        ops.move_to(&id, status).await.expect(200);
    }
    lose_the_first_commit(&app);
    let wrong = ops.operate(&id, "deliver", &json!({ "proof": { "code": "0815" } })).await;
    assert_eq!(wrong.problem(422, "wrong-handover-code")["tries_left"], 4);
    assert_eq!(stored::checked(&app, &id).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_creation_whose_response_was_lost_is_done_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    lose_the_first_commit(&app);
    let mut body = order("m1", "c1");
    body["external_id"] = json!("once");
    let created = ops.create(&body).await.expect(201);
    assert_eq!(stored::order_ids(&app).await, [created["id"].as_str().unwrap()]);
}

/// Another change follows before the author of the first one knows that it was made.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_response_is_found_in_history_when_others_have_gone_on() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let (lost, reads) = (AtomicU32::new(0), AtomicU32::new(0));
    app.faults.inject(move |call: &Call| match call.operation() {
        "TransactWriteItems" if lost.fetch_add(1, Ordering::Relaxed) < 3 => {
            Some(Fault::LoseResponse)
        }
        // The first two attempts to read the order fail, so the author cannot see the commit for
        // a while.
        "GetItem" if lost.load(Ordering::Relaxed) == 3 => {
            (reads.fetch_add(1, Ordering::Relaxed) < 2).then_some(Fault::Unreachable)
        }
        _ => None,
    });
    let author = ops.clone();
    let (order, then) = (id.clone(), id.clone());
    let change = tokio::spawn(async move { author.move_to(&order, "picked_up").await });
    let other = ops.clone();
    let next = tokio::spawn(async move {
        // Rejected until the lost change is committed.
        while other.move_to(&then, "in_transit").await.status != 200 {}
    });
    let response = change.await.unwrap();
    next.await.unwrap();
    assert_eq!(response.expect(200)["version"], 2);
    assert_eq!(stored::checked(&app, &id).await, 3);
}
