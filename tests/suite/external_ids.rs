//! A merchant's own ids of its orders.

use futures_util::future::{join, join_all};
use serde_json::{Value, json};

use crate::harness::{App, Client, Response, Stopped, grocery, id_of, order, people};

/// The number of concurrent creations.
const WRITERS: usize = 8;

async fn create(client: &Client, external_id: &str) -> Response {
    let mut body = order("m1", "c1");
    body["external_id"] = json!(external_id);
    client.create(&body).await
}

/// Returns the ids of the orders of m1 with this external id.
async fn named(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/orders?merchant=m1&{query}")).await.expect(200);
    page["orders"].as_array().expect("a list").iter().map(id_of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_id_names_one_order_of_a_merchant() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&create(&ops, "2026-0001").await.expect(201));
    let problem = create(&ops, "2026-0001").await.problem(409, "external-id-taken");
    assert_eq!(problem["order_id"], json!(id));
    let mut body = order("m2", "c1");
    body["external_id"] = json!("2026-0001");
    ops.create(&body).await.expect(201);
    let customer = app.client(people::customer("m1", "c1")).await;
    let problem = customer.create(&body).await.problem(422, "invalid-fields");
    assert_eq!(problem["errors"][0]["pointer"], "/external_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_order_is_found_open_or_closed() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&create(&ops, "e1").await.expect(201));
    for status in ["created", "picked_up", "in_transit", "delivered"] {
        if status != "created" {
            ops.move_to(&id, status).await.expect(200);
        }
        assert_eq!(named(&ops, "external_id=e1").await, [id.as_str()], "{status}");
    }
    assert_eq!(named(&ops, "external_id=e1&state=open").await, [""; 0]);
    assert_eq!(named(&ops, "external_id=e2").await, [""; 0]);
    create(&ops, "e1").await.problem(409, "external-id-taken");
}

/// A caller who does not see the order learns only that there is one.
#[tokio::test(flavor = "multi_thread")]
async fn the_order_that_has_the_id_is_named_to_those_who_see_it() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    (body["store"], body["external_id"]) = (json!("s1"), json!("e1"));
    let id = id_of(&ops.create(&body).await.expect(201));
    for (person, named) in [
        (people::ops(), json!(id)),
        (people::merchant("m1"), json!(id)),
        (people::store("m1", "s1"), json!(id)),
        (people::store("m1", "s2"), Value::Null),
    ] {
        let client = app.client(person.clone()).await;
        let problem = create(&client, "e1").await.problem(409, "external-id-taken");
        assert_eq!(problem["order_id"], named, "{person}");
        let is_told = problem["detail"].as_str().expect("text").contains(&id);
        assert_eq!(is_told, named != Value::Null, "{person}");
    }
}

/// Of several creations that race for the id of a cancelled order, one gets it.
#[tokio::test(flavor = "multi_thread")]
async fn the_id_of_a_cancelled_order_goes_to_one_other() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let mut id = id_of(&create(&merchant, "e1").await.expect(201));
    for _ in 0..5 {
        merchant.move_to(&id, "cancelled").await.expect(200);
        assert_eq!(named(&merchant, "external_id=e1").await, [id.as_str()]);
        let created = join_all((0..WRITERS).map(|_| create(&merchant, "e1"))).await;
        id = one_of(&created).expect("an order");
        assert_eq!(named(&merchant, "external_id=e1").await, [id.as_str()]);
    }
}

/// Creations race with the cancellation: each sees the id before or after it is released.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_released_with_its_order_and_not_before() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    for round in 0..10 {
        let external_id = format!("e{round}");
        let id = id_of(&create(&merchant, &external_id).await.expect(201));
        let creations = join_all((0..WRITERS).map(|_| create(&merchant, &external_id)));
        let (cancelled, created) = join(merchant.move_to(&id, "cancelled"), creations).await;
        cancelled.expect(200);
        let new = one_of(&created);
        let found = named(&merchant, &format!("external_id={external_id}")).await;
        assert_eq!(found, [new.clone().unwrap_or(id)]);
        assert_eq!(create(&merchant, &external_id).await.status == 201, new.is_none());
    }
}

/// Returns the order of the only creation that succeeded; the others are refused for its id.
fn one_of(responses: &[Response]) -> Option<String> {
    let (created, refused): (Vec<_>, Vec<_>) =
        responses.iter().partition(|response| response.status == 201);
    for response in refused {
        response.problem(409, "external-id-taken");
    }
    assert!(created.len() <= 1, "{created:?}");
    created.first().map(|response| id_of(&response.json()))
}

/// An order that its store does not acknowledge is cancelled by the sweep.
#[tokio::test(flavor = "multi_thread")]
async fn the_sweep_releases_an_id_too() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let mut body = grocery("m1", "s1", "c1");
    body["external_id"] = json!("e1");
    let id = id_of(&app.ops().await.create(&body).await.expect(201));
    for minutes in [10, 5, 5] {
        time.forward(minutes * 60);
        app.sweep().await;
    }
    let ops = app.ops().await;
    assert_eq!(ops.order(&id).await.expect(200)["status"], "cancelled");
    ops.create(&body).await.expect(201);
}
