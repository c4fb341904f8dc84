//! A store is the pickup of its orders.

use serde_json::{Value, json};

use super::{ALL, ONE, bare, delete, full, located, put};
use crate::harness::{App, Change, Client, grocery, id_of, people};

/// Returns the addresses of an order as a client sees them.
async fn addresses(client: &Client, id: &str) -> Value {
    client.order(id).await.expect(200)["addresses"].clone()
}

fn dropoff(mut order: Value) -> Value {
    order["addresses"] = json!({ "dropoff": "2 High Street" });
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_picked_up_at_the_store_that_it_is_with() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let id = id_of(&merchant.create(&dropoff(grocery("m1", "s1", "c1"))).await.expect(201));
    let only = json!({ "dropoff": "2 High Street" });
    assert_eq!(addresses(&merchant, &id).await, only, "the store has no record");
    put(&merchant, ONE, &full()).await.expect(201);
    let at = |name: &str, pickup: Value| json!({ "pickup": pickup, "pickup_name": name, "dropoff": "2 High Street" });
    let first = at("High Street", located("1 High Street\nLondon", 51.5));
    assert_eq!(addresses(&merchant, &id).await, first);

    // A corrected store.
    put(&merchant, ONE, &bare("Low Street")).await.expect(200);
    let corrected = at("Low Street", json!("Low Street, London"));
    assert_eq!(addresses(&merchant, &id).await, corrected);

    // Another store, first without a record.
    let moved = json!({ "reason": "full", "reassign_to": "s2" });
    merchant.operate(&id, "reject", &moved).await.expect(200);
    assert_eq!(addresses(&merchant, &id).await, only);
    put(&merchant, &format!("{ALL}/s2"), &bare("Mill Lane")).await.expect(201);
    let second = at("Mill Lane", json!("Mill Lane, London"));
    assert_eq!(addresses(&merchant, &id).await, second);

    // The order's own pickup wins, and the store's name goes with its address.
    let own = json!({ "addresses": { "pickup": "the back door" } });
    merchant.patch(&format!("/orders/{id}"), &own).await.expect(200);
    let expected = json!({ "pickup": "the back door", "dropoff": "2 High Street" });
    assert_eq!(addresses(&merchant, &id).await, expected);

    // Another merchant's store of the same name is no pickup.
    let ops = app.ops().await;
    let theirs = id_of(&ops.create(&grocery("m2", "s2", "c1")).await.expect(201));
    assert_eq!(addresses(&ops, &theirs).await, Value::Null);
    delete(&merchant, &format!("{ALL}/s2")).await.expect(204);
}

/// All who see an order see its pickup, and nobody sees more of the store.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_sees_an_order_sees_where_it_is_picked_up() {
    let app = App::start().await;
    let ops = app.ops().await;
    put(&ops, ONE, &full()).await.expect(201);
    let mut order = dropoff(grocery("m1", "s1", "c1"));
    order["workflow"] = json!("courier");
    let id = id_of(&ops.create(&order).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    let pickup = located("1 High Street\nLondon", 51.5);
    let open =
        json!({ "pickup": pickup, "pickup_name": "High Street", "dropoff": "2 High Street" });
    let closed = json!({ "pickup": pickup, "pickup_name": "High Street" });
    let people = [
        people::ops(),
        people::support(),
        people::merchant("m1"),
        people::store("m1", "s1"),
        people::customer("m1", "c1"),
        people::driver("d1"),
    ];
    for is_open in [true, false] {
        for person in &people {
            let client = app.client(person.clone()).await;
            let response = client.order(&id).await;
            let is_past = !is_open && person["role"] == "driver";
            let expected = if is_past { &closed } else { &open };
            assert_eq!(response.expect(200)["addresses"], *expected, "{person}");
            assert!(!response.text.contains("7946 0018") && !response.text.contains("weekly"));
            for path in ["/orders?merchant=m1&state=all", &format!("/orders/{id}/history")] {
                let text = client.get(path).await.text;
                assert!(!text.contains("High Street"), "{person} {path}: {text}");
            }
        }
        if is_open {
            ops.move_to(&id, "cancelled").await.expect(200);
        }
    }
    for stranger in people::strangers() {
        app.client(stranger).await.order(&id).await.problem(404, "not-found");
    }
    // An erased order has no addresses at all.
    Change::erase_details().ask(&ops, &id).await.expect(200);
    assert_eq!(addresses(&ops, &id).await, Value::Null);
}

/// A client that stored the order is told of the corrected store, although the order's version is
/// the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_stored_order_is_not_the_one_with_the_corrected_store() {
    let app = App::start().await;
    let ops = app.ops().await;
    put(&ops, ONE, &full()).await.expect(201);
    let id = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    let path = format!("/orders/{id}");
    let again = async |tag: &str| {
        let request = ops.request(reqwest::Method::GET, &path).header("if-none-match", tag);
        ops.send(request).await
    };
    let tag = ops.get(&path).await.header("etag").to_owned();
    again(&tag).await.expect(304);
    put(&ops, ONE, &bare("Low Street")).await.expect(200);
    assert_eq!(again(&tag).await.expect(200)["addresses"]["pickup_name"], "Low Street");
}

/// The store is looked up only for an order that has one and no pickup of its own, for half a
/// unit.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_read_only_if_it_can_be_the_pickup() {
    let app = App::start().await;
    let ops = app.ops().await;
    put(&ops, ONE, &full()).await.expect(201);
    let mut own = grocery("m1", "s1", "c1");
    own["addresses"] = json!({ "pickup": "the back door" });
    let mut bare = grocery("m1", "s1", "c1");
    bare["workflow"] = json!("courier");
    bare.as_object_mut().unwrap().remove("store");
    for (order, reads) in [(grocery("m1", "s1", "c1"), 2.5), (own, 2.0), (bare, 2.0)] {
        let id = id_of(&ops.create(&order).await.expect(201));
        app.runner.meter().take();
        ops.order(&id).await.expect(200);
        let units = app.runner.meter().take().units_of("query-orders");
        assert_eq!((units.writes, units.reads), (0.0, reads), "{order}");
    }
}
