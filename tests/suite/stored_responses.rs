//! Responses that a client may store, and how it asks for newer ones.

use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Client, Response, id_of, marked, order, people};

async fn ask(client: &Client, path: &str, stored: &str) -> Response {
    client.send(client.request(Method::GET, path).header("if-none-match", stored)).await
}

#[track_caller]
fn assert_storable(response: &Response) {
    assert_eq!(response.header("cache-control"), "private, no-cache", "{response:?}");
    assert_eq!(response.header("vary"), "authorization", "{response:?}");
}

#[track_caller]
fn assert_known(response: &Response, tag: &str) {
    assert_eq!((response.status, response.text.as_str()), (304, ""), "{response:?}");
    assert_eq!(response.header("etag"), tag);
    assert_storable(response);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_sent_again_only_after_it_changed() {
    let app = App::start().await;
    let ops = app.ops().await;
    let path = format!("/orders/{}", app.place_order().await);
    let first = ops.get(&path).await;
    assert_storable(&first);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with("\"1."), "{tag}");
    for stored in [tag.clone(), format!("W/{tag}"), format!("\"7\", {tag}"), "*".to_owned()] {
        assert_known(&ask(&ops, &path, &stored).await, &tag);
    }
    for stored in ["\"1\"", "\"2\", W/\"1\"", "\"\""] {
        assert_eq!(ask(&ops, &path, stored).await.expect(200), first.expect(200), "{stored}");
    }
    ask(&ops, &path, "1").await.problem(400, "invalid-header");

    let changed = ops.patch(&path, &json!({ "customer": { "contact": "ada@example.org" } })).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let second = ask(&ops, &path, &tag).await;
    assert_eq!(second.expect(200)["customer"]["contact"], "ada@example.org");
    // The tag of a response that was read is good for a change.
    let request = ops.request(Method::PATCH, &format!("{path}/status"));
    let request = request.header("if-match", second.header("etag"));
    ops.send(request.json(&json!({ "status": "picked_up" }))).await.expect(200);
}

/// A browser asks with the tags of all that it has stored, also of what it stored for another
/// token. "You have it" would then show it to the wrong person.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_has_what_another_was_sent() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&ops.create(&marked::order()).await.expect(201));
    let support = app.client(people::support()).await;
    let path = format!("/orders/{id}");
    let all = ops.get(&path).await;
    let masked = ask(&support, &path, all.header("etag")).await;
    assert_ne!(masked.expect(200)["customer"], all.expect(200)["customer"]);
    let stranger = app.client(people::merchant("m9")).await;
    ask(&stranger, &path, "*").await.problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_sent_again_only_after_it_changed() {
    let app = App::start().await;
    let ops = app.ops().await;
    app.place_order().await;
    app.place_order().await;
    let path = "/orders?limit=1";
    let first = ops.get(path).await;
    assert_storable(&first);
    let tag = first.header("etag").to_owned();
    assert_known(&ask(&ops, path, &tag).await, &tag);
    app.place_order().await;
    let second = ask(&ops, path, &tag).await;
    assert_ne!(second.expect(200), first.expect(200));
    assert_ne!(second.header("etag"), tag);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_files_changes_and_problems_are_not_stored() {
    let app = App::start().await;
    let ops = app.ops().await;
    let created = ops.create(&order("m1", "c1")).await;
    let id = id_of(&created.expect(201));
    for response in [
        created,
        ops.move_to(&id, "picked_up").await,
        ops.get("/orders/export").await,
        ops.get("/orders/export?format=ndjson").await,
        ops.post("/live/tickets", &json!({})).await,
        ops.get("/orders/nothing").await,
        app.anonymous().post("/dev/token", &people::ops()).await,
    ] {
        assert_eq!(response.header("cache-control"), "no-store", "{response:?}");
    }
    for path in [format!("/orders/{id}/history"), "/merchants/m1/settings".to_owned()] {
        assert_storable(&ops.get(&path).await);
    }
}
