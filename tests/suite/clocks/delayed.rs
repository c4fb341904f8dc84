//! The list of delayed orders.

use serde_json::{Value, json};

use super::Shop;
use crate::harness::{Client, grocery, people};

/// Returns the delayed orders of all pages, the oldest first.
async fn delayed(client: &Client, filter: &str) -> Vec<String> {
    let (mut ids, mut path) =
        (Vec::new(), format!("/orders?delayed=true&order=oldest&limit=2{filter}"));
    loop {
        let page = client.get(&path).await.expect(200);
        let orders = page["orders"].as_array().expect("orders").iter();
        ids.extend(orders.map(|order| order["id"].as_str().expect("an id").to_owned()));
        let Value::String(next) = &page["next"] else { return ids };
        path = format!("/orders?delayed=true&order=oldest&limit=2{filter}&cursor={next}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_for_too_long_is_listed_until_it_moves() {
    let shop = Shop::open().await;
    let ops = shop.app.ops().await;
    let mut ids = Vec::new();
    for n in 0..5 {
        let store = format!("s{}", n % 2);
        ids.push(shop.place(&grocery("m1", &store, "c1")).await);
        shop.time.forward(1);
    }
    let other = ops.create(&grocery("m2", "s1", "c1")).await.expect(201)["id"].clone();
    assert_eq!(delayed(&ops, "").await, [""; 0]);
    assert_eq!(shop.sweep_after(600).await, 6);
    ids.push(other.as_str().expect("an id").to_owned());
    assert_eq!(delayed(&ops, "").await, ids);
    assert_eq!(delayed(&ops, "&state=all").await, ids);
    assert_eq!(delayed(&ops, "&state=closed").await, [""; 0]);
    assert_eq!(delayed(&ops, "&merchant=m2").await, ids[5..]);
    assert_eq!(delayed(&shop.boss, "").await, ids[..5]);
    let clerk = shop.app.client(people::store("m1", "s1")).await;
    assert_eq!(delayed(&clerk, "").await, [&ids[1..2], &ids[3..4]].concat());
    let customer = shop.app.client(people::customer("m2", "c1")).await;
    assert_eq!(delayed(&customer, "").await, ids[5..]);

    shop.operate(&ids[1], &["acknowledge"]).await;
    shop.boss.move_to(&ids[2], "cancelled").await.expect(200);
    let left = [&ids[..1], &ids[3..]].concat();
    assert_eq!(delayed(&ops, "").await, left);
    ops.get("/orders?delayed=false").await.problem(422, "invalid-fields");
}

/// Subscribers receive the alert, with the order in its new state.
#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_received_live() {
    let shop = Shop::open().await;
    let id = shop.order().await;
    shop.app.relayed().await;
    let mut live = shop.app.live(&shop.boss).await;
    live.subscribe(&format!("order:{id}")).await;
    assert_eq!(shop.sweep_after(600).await, 1);
    let received = live.next().await;
    let event = &received["events"][0];
    assert_eq!((&event["type"], &event["version"]), (&json!("alert_raised"), &json!(3)));
    assert_eq!(event["actor"], json!({ "role": "system", "id": "sweep" }));
    assert_eq!(received["orders"][0]["delayed_since"], event["at"]);
}
