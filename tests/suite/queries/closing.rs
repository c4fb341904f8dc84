//! Lists of the orders that were closed in a period.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::harness::stored::{self, text};
use crate::harness::{App, Client, Stopped, id_of, order, people};

const HOUR: i64 = 60 * 60;

/// The merchant, store, customer and driver of each order.
const ORDERS: [[&str; 4]; 6] = [
    ["m1", "s1", "c1", "d1"],
    ["m1", "s2", "c2", "d2"],
    ["m2", "s1", "c1", "d1"],
    ["m1", "s1", "c1", "d1"],
    ["m1", "s1", "c1", "d1"],
    ["m1", "s2", "c1", "d2"],
];

async fn deliver(ops: &Client, id: &str) {
    for status in ["picked_up", "in_transit", "delivered"] {
        ops.move_to(id, status).await.expect(200);
    }
}

/// Returns the numbers of the listed orders.
async fn listed(client: &Client, query: &str, orders: &[String]) -> Vec<usize> {
    let page = client.get(&format!("/orders?{query}")).await.expect(200);
    assert_eq!(page["next"], Value::Null, "{query}");
    let number = |order| orders.iter().position(|id| *id == id_of(order)).expect("an order");
    page["orders"].as_array().expect("a list").iter().map(number).collect()
}

/// Places the orders at noon on the 20th, and closes all but 3: 4 and 5 on that day at 13:00, 1 on
/// the 21st at 12:00 and 0 at 13:00, 2 on the 22nd at 12:00, each some seconds later.
async fn closed_orders(app: &App, time: &Stopped) -> Vec<String> {
    let (mut ops, mut orders) = (app.ops().await, Vec::new());
    for [merchant, store, reference, driver] in ORDERS {
        let mut body = order(merchant, reference);
        body["store"] = json!(store);
        orders.push(id_of(&ops.create(&body).await.expect(201)));
        ops.assign(&orders[orders.len() - 1], driver).await.expect(200);
        time.forward(1);
    }
    time.forward(HOUR);
    ops = app.ops().await;
    deliver(&ops, &orders[4]).await;
    time.forward(1);
    ops.move_to(&orders[5], "cancelled").await.expect(200);
    time.forward(23 * HOUR);
    ops = app.ops().await;
    deliver(&ops, &orders[1]).await;
    time.forward(HOUR);
    ops = app.ops().await;
    ops.move_to(&orders[0], "cancelled").await.expect(200);
    time.forward(23 * HOUR);
    ops = app.ops().await;
    deliver(&ops, &orders[2]).await;
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_closed_yesterday_is_listed_for_everybody() {
    let time = Stopped::at("2026-11-20T12:00:00Z");
    let app = App::start_at(&time).await;
    let orders = closed_orders(&app, &time).await;
    let yesterday = "closed_from=2026-11-21&closed_to=2026-11-22";
    for (person, query, expected) in [
        (people::ops(), yesterday, &[0, 1][..]),
        (people::support(), yesterday, &[0, 1]),
        (people::ops(), "closed_from=2026-11-21", &[2, 0, 1]),
        (people::ops(), "closed_from=2026-11-21&order=oldest", &[1, 0, 2]),
        (people::ops(), "closed_from=2026-11-21&status=delivered", &[2, 1]),
        (people::ops(), "closed_from=2026-11-21&state=all", &[2, 0, 1]),
        (people::ops(), "closed_from=2026-11-21T13:00:00Z", &[2, 0]),
        (people::ops(), "closed_to=2026-11-21T13:00:00Z&phase=delivered", &[1, 4]),
        (people::ops(), "closed_from=2026-11-21&merchant=m1", &[0, 1]),
        (people::ops(), "closed_from=2026-11-21&merchant=m1&store=s1", &[0]),
        (people::ops(), "closed_from=2026-11-21&driver=d1", &[2, 0]),
        (people::merchant("m1"), yesterday, &[0, 1]),
        (people::merchant("m1"), "closed_from=2026-11-20&order=oldest&status=delivered", &[4, 1]),
        (people::merchant("m2"), yesterday, &[]),
        (people::merchant("m2"), "closed_from=2026-11-22", &[2]),
        (people::store("m1", "s1"), yesterday, &[0]),
        (people::store("m1", "s2"), yesterday, &[1]),
        (people::driver("d1"), yesterday, &[0]),
        (people::driver("d2"), "closed_from=2026-11-01", &[1, 5]),
        (people::customer("m1", "c1"), yesterday, &[0]),
        // A customer's list stays in the order of creation.
        (people::customer("m1", "c1"), "closed_from=2026-11-20", &[5, 4, 0]),
        (people::customer("m2", "c1"), yesterday, &[]),
    ] {
        let client = app.client(person.clone()).await;
        assert_eq!(listed(&client, query, &orders).await, expected, "{query} by {person}");
    }
}

/// The statuses or the phase of closed orders ask for closed orders by themselves.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_status_needs_no_state() {
    let time = Stopped::at("2026-11-20T12:00:00Z");
    let app = App::start_at(&time).await;
    let orders = closed_orders(&app, &time).await;
    let ops = app.ops().await;
    for (query, expected) in [
        ("status=delivered", &[2, 1, 4][..]),
        ("status=delivered&status=cancelled&order=oldest", &[4, 5, 1, 0, 2]),
        ("phase=cancelled&merchant=m1", &[5, 0]),
    ] {
        assert_eq!(listed(&ops, query, &orders).await, expected, "{query}");
    }
    for (query, wrong) in [
        ("state=open&status=delivered", "status"),
        ("status=delivered&status=created", "status"),
        ("state=open&closed_from=2026-11-20", "closed_from"),
        ("closed_from=2026-11-20&closed_to=2026-11-20", "closed_to"),
        ("closed_from=yesterday", "closed_from"),
    ] {
        let problem = ops.get(&format!("/orders?{query}")).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], format!("?{wrong}"), "{query}");
    }
}

/// Heads that an earlier version closed lack the key of a merchant's index. They are in the lists
/// of everybody and of customers, and in the merchant's once they have the key, as the guide to
/// upgrades says.
#[tokio::test(flavor = "multi_thread")]
async fn orders_closed_by_an_earlier_version_get_their_key_later() {
    let time = Stopped::at("2026-11-20T12:00:00Z");
    let app = App::start_at(&time).await;
    let orders = closed_orders(&app, &time).await;
    let (table, db) = (app.runner.table("OrdersTable"), app.runner.dynamodb());
    for mut head in stored::items(&app, "OrdersTable").await {
        head.remove("closed_merchant");
        db.put_item().table_name(table).set_item(Some(head)).send().await.expect("a head");
    }
    let (ops, merchant) = (app.ops().await, app.client(people::merchant("m1")).await);
    let since = "closed_from=2026-11-21";
    assert_eq!(listed(&ops, since, &orders).await, [2, 0, 1]);
    assert_eq!(listed(&merchant, since, &orders).await, [0; 0]);
    for head in stored::items(&app, "OrdersTable").await {
        let key = HashMap::from([("order_id".to_owned(), head["order_id"].clone())]);
        let update = db.update_item().table_name(table).set_key(Some(key));
        let update = update.update_expression("SET closed_merchant = merchant");
        let update = update.condition_expression("attribute_not_exists(#open)");
        let updated = update.expression_attribute_names("#open", "open").send().await;
        assert_eq!(updated.is_err(), text(&head, "order_id") == orders[3]);
    }
    assert_eq!(listed(&merchant, since, &orders).await, [0, 1]);
    assert_eq!(listed(&merchant, "", &orders).await, [3]);
}
