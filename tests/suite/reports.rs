//! Reports: access to them, their contents, and their costs.

use aws_sdk_dynamodb::types::AttributeValue;
use emulator::dynamodb::Storage;
use serde_json::{Value, json};

use crate::harness::{App, Client, Stopped, grocery, id_of, order, people};

const PATH: &str = "/reports/service-levels";

/// In seconds.
const DAY: i64 = 24 * 60 * 60;

async fn report(client: &Client, query: &str) -> Value {
    client.get(&format!("{PATH}?{query}")).await.expect(200)
}

/// Creates an order that stays in `created` for this long, and then with its driver.
async fn assigned_after(app: &App, time: &Stopped, seconds: i64) -> String {
    let id = app.place_order().await;
    time.forward(seconds);
    app.ops().await.assign(&id, "d1").await.expect(200);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_says_how_long_orders_stood_where() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    for seconds in [4, 5, 100, 101] {
        assigned_after(&app, &time, seconds).await;
    }
    let id = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    time.forward(601);
    ops.operate(&id, "acknowledge", &Value::Null).await.expect(200);
    time.forward(901);
    let row = |workflow: &str, status: &str, stays: [u64; 3], percentiles: [Option<u64>; 2]| {
        let ([count, breaches, standing], [p50, p95]) = (stays, percentiles);
        json!({
            "workflow": workflow, "status": status, "count": count,
            "p50_seconds": p50, "p95_seconds": p95, "breaches": breaches, "standing": standing,
        })
    };
    let expected = json!({
        "from": null,
        "to": null,
        "merchant": "m1",
        "orders": 5,
        "unread": 0,
        "stages": [
            row("courier", "created", [4, 0, 0], [Some(5), Some(110)]),
            row("courier", "driver_assigned", [0, 0, 4], [None, None]),
            row("grocery", "submitted", [1, 0, 0], [Some(0), Some(0)]),
            row("grocery", "store_notified", [1, 1, 0], [Some(620), Some(620)]),
            row("grocery", "store_acknowledged", [0, 1, 1], [None, None]),
        ],
        "next": null,
    });
    assert_eq!(report(&ops, "merchant=m1").await, expected);
    let merchant = app.client(people::merchant("m1")).await;
    assert_eq!(report(&merchant, "").await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_are_for_operations_and_merchants_of_their_own() {
    let app = App::start().await;
    let ops = app.ops().await;
    for (merchant, store) in [("m1", "s1"), ("m1", "s1"), ("m1", "s2"), ("m2", "s1")] {
        ops.create(&grocery(merchant, store, "c1")).await.expect(201);
    }
    for (person, query, orders) in [
        (people::ops(), "from=2000-01-01&to=2000-12-31", 0),
        (people::ops(), "merchant=m1", 3),
        (people::ops(), "merchant=m2", 1),
        (people::ops(), "merchant=m3", 0),
        (people::merchant("m1"), "", 3),
        (people::merchant("m1"), "merchant=m1", 3),
        (people::merchant("m2"), "", 1),
        (people::store("m1", "s1"), "", 2),
        (people::store("m1", "s2"), "merchant=m1", 1),
        (people::store("m2", "s2"), "", 0),
    ] {
        let client = app.client(person.clone()).await;
        assert_eq!(report(&client, query).await["orders"], orders, "{person} {query}");
    }
    for (person, query) in [
        (people::support(), "merchant=m1"),
        (people::driver("d1"), ""),
        (people::customer("m1", "c1"), "merchant=m1"),
        (people::merchant("m1"), "merchant=m2"),
        (people::store("m1", "s1"), "merchant=m2"),
    ] {
        let client = app.client(person).await;
        client.get(&format!("{PATH}?{query}")).await.problem(403, "forbidden");
    }
    app.anonymous().get(&format!("{PATH}?merchant=m1")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_report_can_span_is_refused() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let days_ago = |days: i64| time.clock().now().plus_seconds(-days * DAY).to_string();
    let far = format!("from={}", days_ago(367));
    for (query, pointer) in [
        ("", "?from"),
        (&format!("to={}", days_ago(0)), "?from"),
        (&far, "?from"),
        ("from=yesterday", "?from"),
        ("merchant=m%231", "?merchant"),
        ("merchant=m1&limit=10", "?limit"),
        ("merchant=m1&store=s1", "?store"),
        ("merchant=m1&merchant=m1", "?merchant"),
    ] {
        let problem = ops.get(&format!("{PATH}?{query}")).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
    }
    report(&ops, &format!("from={}", days_ago(366))).await;
    report(&ops, &format!("{far}&merchant=m1")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_does_not_read_stops_no_report() {
    let app = App::start().await;
    let ops = app.ops().await;
    let ids = [app.place_order().await, app.place_order().await, app.place_order().await];
    let history = app.runner.table("OrderHistoryTable");
    let key = |id: &str| {
        [
            ("order_id".to_owned(), AttributeValue::S(id.to_owned())),
            ("version".to_owned(), AttributeValue::N("1".to_owned())),
        ]
    };
    let broken = app.runner.dynamodb().put_item().table_name(history);
    let broken = broken.set_item(Some(key(&ids[0]).into()));
    broken.send().await.expect("an item that is no event");
    let gone = app.runner.dynamodb().delete_item().table_name(history);
    gone.set_key(Some(key(&ids[1]).into())).send().await.expect("no item");
    let found = report(&ops, "merchant=m1").await;
    assert_eq!((&found["orders"], &found["unread"]), (&json!(1), &json!(2)));
    assert_eq!(found["stages"][0]["standing"], 1);
    // The first order's history cannot be parsed, and the second order has no history.
    ops.get(&format!("/orders/{}/timeline", ids[0])).await.problem(500, "internal");
    ops.get(&format!("/orders/{}/timeline", ids[1])).await.problem(404, "not-found");
}

/// Runs on the embedded database only, which counts units as `DynamoDB` does.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_reads_an_index_and_each_history_once() {
    const ORDERS: u32 = 60;
    let app = App::start_with(|options| options.storage = Storage::Memory).await;
    let ops = app.ops().await;
    for n in 0..ORDERS {
        ops.create(&order("m1", &format!("c{n}"))).await.expect(201);
    }
    app.runner.meter().take();
    report(&ops, "merchant=m1").await;
    let usage = app.runner.meter().take();
    let own = usage.requests.iter().filter(|(it, _)| it.function == "query-orders");
    let requests: Vec<_> = own.map(|(it, count)| (&*it.operation, *count)).collect();
    assert_eq!(requests, [("Query", u64::from(1 + ORDERS))]);
    let units = usage.units_of("query-orders");
    println!("a report of {ORDERS} orders: {} read units", units.reads);
    // 61 entries of about 120 bytes are two blocks of 4 KB at half a unit; each history is 1
    // unit.
    assert!((units.reads - f64::from(1 + ORDERS)).abs() < 0.1, "{units:?}");
    assert!(units.writes < 0.1, "{units:?}");
}
