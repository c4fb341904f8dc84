//! The driver as the customer of an order sees it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{delete, register_on_duty};
use crate::harness::{App, Change, Client, id_of, order, people};

/// A driver whose surname, phone, plate and id are words that nothing else contains.
fn dan() -> Value {
    json!({
        "driver": "driver-7",
        "name": "Mr Dan Smith",
        "phone": "+442079460021",
        "plate": "AB12 CDE",
        "photo_url": "https://cdn.example.com/7.jpg",
        "vehicle": { "kind": "car", "label": "blue estate" },
    })
}

const HIDDEN: [&str; 4] = ["driver-7", "Smith", "2079460021", "AB12"];

fn courier() -> Value {
    json!({
        "first_name": "Dan",
        "vehicle": { "kind": "car", "label": "blue estate" },
        "photo_url": "https://cdn.example.com/7.jpg",
    })
}

/// Places an order of customer c1 that is on the way with the driver.
async fn on_the_way(ops: &Client, driver: &str) -> String {
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    ops.assign(&id, driver).await.expect(200);
    ops.move_to(&id, "picked_up").await.expect(200);
    id
}

async fn seen(client: &Client, id: &str) -> Value {
    client.order(id).await.expect(200)["courier"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_customer_sees_the_driver_while_the_order_is_on_the_way() {
    let app = App::start().await;
    let (ops, customer) = (app.ops().await, app.client(people::customer("m1", "c1")).await);
    register_on_duty(&ops, &dan()).await;
    let id = app.place_order().await;
    let sees = async |expected: &Value, when: &str| {
        let response = customer.order(&id).await;
        assert_eq!(response.expect(200)["courier"], *expected, "{when}");
        for hidden in HIDDEN {
            assert!(!response.text.contains(hidden), "{when}: {hidden} in {}", response.text);
        }
    };
    sees(&Value::Null, "created").await;
    ops.assign(&id, "driver-7").await.expect(200);
    sees(&Value::Null, "assigned").await;
    for (status, expected) in [
        ("picked_up", courier()),
        ("in_transit", courier()),
        ("delivery_failed", courier()),
        ("in_transit", courier()),
        ("delivered", Value::Null),
    ] {
        ops.move_to(&id, status).await.expect(200);
        sees(&expected, status).await;
    }
    ops.operate(&id, "reopen", &json!({ "reason": "the wrong door" })).await.expect(200);
    sees(&courier(), "reopened").await;
    ops.move_to(&id, "returning").await.expect(200);
    sees(&Value::Null, "returning").await;
}

/// Nor do lists, history, responses to changes and live messages show the driver to the customer.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_sees_a_courier_and_nothing_else_shows_one() {
    let app = App::start().await;
    let (ops, customer) = (app.ops().await, app.client(people::customer("m1", "c1")).await);
    register_on_duty(&ops, &dan()).await;
    let id = app.place_order().await;
    ops.assign(&id, "driver-7").await.expect(200);
    let mut live = app.live(&customer).await;
    live.subscribe(&format!("order:{id}")).await;
    ops.move_to(&id, "picked_up").await.expect(200);
    let frames = json!(live.events(1).await).to_string();
    live.close().await;
    let changed = Change::open_issue().ask(&customer, &id).await;
    changed.expect(200);
    let mut shown = vec![frames, changed.text];
    for path in ["/orders".to_owned(), format!("/orders/{id}/history")] {
        let response = customer.get(&path).await;
        response.expect(200);
        shown.push(response.text);
    }
    for text in shown {
        for hidden in HIDDEN.into_iter().chain(["Dan", "blue estate", "7.jpg", "\"courier\":"]) {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
    }
    for person in
        [people::ops(), people::support(), people::merchant("m1"), people::driver("driver-7")]
    {
        let order = app.client(person.clone()).await.order(&id).await.expect(200);
        assert_eq!((&order["courier"], &order["driver"]), (&Value::Null, &json!("driver-7")));
    }
    assert_eq!(seen(&customer, &id).await, courier());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_without_a_roster_is_not_shown() {
    let app = App::start().await;
    let (ops, customer) = (app.ops().await, app.client(people::customer("m1", "c1")).await);
    let before = on_the_way(&ops, "driver-7").await;
    assert_eq!(seen(&customer, &before).await, Value::Null);
    register_on_duty(&ops, &dan()).await;
    assert_eq!(seen(&customer, &before).await, Value::Null, "the roster does not count the order");
    let after = on_the_way(&ops, "driver-7").await;
    assert_eq!(seen(&customer, &after).await, courier());
    ops.move_to(&after, "in_transit").await.expect(200);
    ops.move_to(&after, "delivered").await.expect(200);
    delete(&ops, "driver-7").await.expect(204);
    assert_eq!(seen(&customer, &after).await, Value::Null);
}

/// A client that stored the order is told of the changed driver, although the order's version is the
/// same.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_record_is_shown_as_it_is_now() {
    let app = App::start().await;
    let (ops, customer) = (app.ops().await, app.client(people::customer("m1", "c1")).await);
    register_on_duty(&ops, &json!({ "driver": "driver-7", "name": "Mr Smith" })).await;
    let path = format!("/orders/{}", on_the_way(&ops, "driver-7").await);
    let again = async |tag: &str| {
        let request = customer.request(Method::GET, &path).header("if-none-match", tag);
        customer.send(request).await
    };
    let first = customer.get(&path).await;
    let tag = first.header("etag").to_owned();
    let nameless = json!({ "vehicle": { "kind": "bike" } });
    assert_eq!(first.expect(200)["courier"], nameless);
    again(&tag).await.expect(304);
    let mut change = dan();
    change.as_object_mut().unwrap().remove("driver");
    ops.patch("/drivers/driver-7", &change).await.expect(200);
    assert_eq!(again(&tag).await.expect(200)["courier"], courier());
}

/// The driver is looked up only if it is shown, for half a unit.
#[tokio::test(flavor = "multi_thread")]
async fn a_driver_is_read_only_to_be_shown() {
    let app = App::start().await;
    let ops = app.ops().await;
    // Items as large as they can be.
    let mut driver = dan();
    driver["name"] = format!("Dan {}", "漢".repeat(196)).into();
    driver["plate"] = "漢".repeat(20).into();
    driver["photo_url"] = format!("https://e/{}", "x".repeat(990)).into();
    driver["vehicle"]["label"] = "漢".repeat(40).into();
    register_on_duty(&ops, &driver).await;
    let shown = on_the_way(&ops, "driver-7").await;
    let unregistered = on_the_way(&ops, "stranger").await;
    let waiting = app.place_order().await;
    ops.assign(&waiting, "driver-7").await.expect(200);
    for (person, id, reads) in [
        (people::customer("m1", "c1"), &shown, 2.5),
        (people::customer("m1", "c1"), &unregistered, 2.0),
        (people::customer("m1", "c1"), &waiting, 2.0),
        (people::ops(), &shown, 2.0),
        (people::driver("driver-7"), &shown, 2.0),
    ] {
        let client = app.client(person.clone()).await;
        app.runner.meter().take();
        client.order(id).await.expect(200);
        let units = app.runner.meter().take().units_of("query-orders");
        assert_eq!((units.writes, units.reads), (0.0, reads), "{person}");
    }
}
