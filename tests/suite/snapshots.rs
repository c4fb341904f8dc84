//! A topic's open orders over WebSocket: snapshots in pages, rechecks, and single orders.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::{App, Live, Stopped, id_of, order, people};

fn ids(orders: &Value) -> Vec<&str> {
    let orders = orders.as_array().expect("orders").iter();
    orders.map(|order| order["id"].as_str().expect("an id")).collect()
}

/// Requests page after page, and returns the pages.
async fn pages(live: &mut Live, mut message: Value) -> Vec<Value> {
    let mut pages = Vec::new();
    loop {
        let page = live.say(&message).await;
        let next = page["next"].clone();
        pages.push(page);
        if next.is_null() {
            return pages;
        }
        message["cursor"] = next;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_has_each_open_order_of_its_topic_once() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut expected = BTreeSet::new();
    for n in 0..120 {
        let mut body = order(if n % 10 == 0 { "m2" } else { "m1" }, "c1");
        body["store"] = json!(if n % 4 == 0 { "s1" } else { "s2" });
        let id = id_of(&ops.create(&body).await.expect(201));
        if n % 3 == 0 {
            ops.assign(&id, "d1").await.expect(200);
        }
        if n % 7 == 0 {
            ops.move_to(&id, "cancelled").await.expect(200);
        } else {
            expected.insert((n, id));
        }
    }
    for (person, topic, belongs) in [
        (people::ops(), "orders", (|_| true) as fn(u32) -> bool),
        (people::merchant("m1"), "merchant:m1", |n| n % 10 != 0),
        (people::store("m1", "s1"), "store:m1:s1", |n| n % 10 != 0 && n % 4 == 0),
        (people::customer("m2", "c1"), "customer:m2:c1", |n| n % 10 == 0),
        (people::driver("d1"), "driver:d1", |n| n % 3 == 0),
        (people::support(), "driver:d1", |n| n % 3 == 0),
    ] {
        let client = app.client(person).await;
        let mut live = app.live(&client).await;
        let pages = pages(&mut live, json!({ "action": "snapshot", "topic": topic })).await;
        let found: Vec<_> = pages.iter().flat_map(|page| ids(&page["orders"])).collect();
        let wanted = expected.iter().filter(|(n, _)| belongs(*n)).map(|(_, id)| id.as_str());
        assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), wanted.collect(), "{topic}");
        assert_eq!(found.len(), found.iter().collect::<BTreeSet<_>>().len(), "{topic}");
        let list = client.get("/orders?limit=1").await.expect(200)["orders"][0].clone();
        if topic != "driver:d1" {
            assert_eq!(pages[0]["orders"][0], list, "as a list has it");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_fits_into_a_message_however_large_its_orders_are() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut body = order("m1", "c1");
    let pairs = (0..20).map(|n| (format!("key-{n}"), json!("v".repeat(85))));
    body["metadata"] = Value::Object(pairs.collect());
    let mut placed = BTreeSet::new();
    for _ in 0..60 {
        placed.insert(id_of(&ops.create(&body).await.expect(201)));
    }
    let mut live = app.live(&ops).await;
    let pages = pages(&mut live, json!({ "action": "snapshot", "topic": "merchant:m1" })).await;
    let found: Vec<_> = pages.iter().flat_map(|page| ids(&page["orders"])).collect();
    assert_eq!(found.len(), 60);
    assert_eq!(found.into_iter().map(str::to_owned).collect::<BTreeSet<_>>(), placed);
    let sizes: Vec<_> = pages.iter().map(|page| page.to_string().len()).collect();
    assert!(sizes[0] > 64 * 1024 && sizes.iter().all(|it| *it <= 128 * 1024), "{sizes:?}");

    let placed: Vec<_> = placed.into_iter().collect();
    let fetch = json!({ "action": "fetch", "topic": "orders", "orders": placed });
    let fetched = live.say(&fetch).await;
    assert!(fetched.to_string().len() <= 128 * 1024);
    let named = ids(&fetched["orders"]).len();
    assert!((40..60).contains(&named), "as many as fit: {named}");
    assert_eq!(fetched["gone"], json!([]), "those that do not fit are not gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recheck_has_what_came_in_since_shortly_before() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let place = async || app.place_order().await;
    let old = place().await;
    let given = place().await;
    let reopened = place().await;
    for status in ["picked_up", "in_transit", "delivered"] {
        ops.move_to(&reopened, status).await.expect(200);
    }
    time.forward(600);
    let just_before = place().await;
    time.forward(59);
    let mut live = app.live(&ops).await;
    let at = live.subscribe("merchant:m1").await["at"].clone();
    let after = place().await;
    let gone = place().await;
    ops.move_to(&gone, "cancelled").await.expect(200);
    ops.assign(&given, "d1").await.expect(200);
    ops.operate(&reopened, "reopen", &json!({ "reason": "wrong door" })).await.expect(200);
    app.relayed().await;
    live.until_pong().await;

    let recheck = async |live: &mut Live, topic: &str| {
        let message = json!({ "action": "recheck", "topic": topic, "since": at });
        let pages = pages(live, message).await;
        assert!(pages.iter().all(|page| page["type"] == "synced"), "{pages:?}");
        let found = pages.iter().flat_map(|page| ids(&page["orders"])).map(str::to_owned);
        found.collect::<BTreeSet<_>>()
    };
    // However old an order is: it may have been assigned or reopened.
    let expected = |ids: &[&String]| ids.iter().map(|id| (*id).clone()).collect::<BTreeSet<_>>();
    let came = expected(&[&just_before, &after, &given, &reopened]);
    assert_eq!(recheck(&mut live, "merchant:m1").await, came);
    let everybody = recheck(&mut live, "orders").await;
    assert!(everybody.is_superset(&came) && !everybody.contains(&old));
    assert_eq!(recheck(&mut live, "driver:d1").await, expected(&[&given]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fetched_orders_are_as_they_are_now_or_gone() {
    let app = App::start().await;
    let ops = app.ops().await;
    let [held, closed, lost] =
        [app.place_order().await, app.place_order().await, app.place_order().await];
    for id in [&held, &closed, &lost] {
        ops.assign(id, "d1").await.expect(200);
    }
    ops.move_to(&closed, "picked_up").await.expect(200);
    ops.move_to(&closed, "in_transit").await.expect(200);
    ops.move_to(&closed, "delivered").await.expect(200);
    ops.replace_driver(&lost, "d2").await.expect(200);
    let nothing = "0195b3c0-7b1e-7000-8000-0123456789ab";
    let asked = json!([lost, held, nothing, closed, held]);
    for person in [people::driver("d1"), people::ops()] {
        let mut live = app.live(&app.client(person).await).await;
        let message = json!({ "action": "fetch", "topic": "driver:d1", "orders": asked });
        let fetched = live.say(&message).await;
        assert_eq!(fetched["type"], "fetched");
        assert_eq!(ids(&fetched["orders"])[..2], [held.as_str(), &closed]);
        assert_eq!(fetched["orders"][1]["status"], "delivered");
        assert_eq!(fetched["gone"], json!([lost, nothing]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_listed_is_refused_and_says_why() {
    let app = App::start().await;
    let mut live = app.live(&app.client(people::merchant("m1")).await).await;
    let id = app.place_order().await;
    let (one, since) = (format!("order:{id}"), "2026-11-21T09:30:00.000Z");
    let many = vec![id.as_str(); 101];
    for (message, kind, pointer) in [
        (json!({ "action": "snapshot", "topic": one }), "invalid-fields", "/topic"),
        (json!({ "action": "recheck", "topic": one, "since": since }), "invalid-fields", "/topic"),
        (json!({ "action": "fetch", "topic": one, "orders": [id] }), "invalid-fields", "/topic"),
        (json!({ "action": "recheck", "topic": "merchant:m1" }), "invalid-fields", "/since"),
        (
            json!({ "action": "recheck", "topic": "merchant:m1", "since": "now" }),
            "invalid-fields",
            "/since",
        ),
        (json!({ "action": "fetch", "topic": "merchant:m1" }), "invalid-fields", "/orders"),
        (
            json!({ "action": "fetch", "topic": "merchant:m1", "orders": [] }),
            "invalid-fields",
            "/orders",
        ),
        (
            json!({ "action": "fetch", "topic": "merchant:m1", "orders": many }),
            "invalid-fields",
            "/orders",
        ),
        (
            json!({ "action": "fetch", "topic": "merchant:m1", "orders": [id, "x"] }),
            "invalid-fields",
            "/orders/1",
        ),
        (json!({ "action": "snapshot", "topic": "merchant:m2" }), "forbidden", ""),
        (json!({ "action": "snapshot", "topic": "orders" }), "forbidden", ""),
        (json!({ "action": "recheck", "topic": "merchant:m2", "since": since }), "forbidden", ""),
        (json!({ "action": "fetch", "topic": "merchant:m2", "orders": [id] }), "forbidden", ""),
        (
            json!({ "action": "snapshot", "topic": "merchant:m1", "cursor": "forged" }),
            "invalid-cursor",
            "",
        ),
    ] {
        let refused = live.say(&message).await;
        let problem = &refused["problem"];
        assert_eq!(problem["type"], format!("urn:waybill:problem:{kind}"), "{message}: {refused}");
        if !pointer.is_empty() {
            assert_eq!(problem["errors"][0]["pointer"], pointer, "{message}: {refused}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_for_the_next_page_of_the_same() {
    let app = App::start().await;
    let ops = app.ops().await;
    for _ in 0..60 {
        app.place_order().await;
    }
    let mut live = app.live(&ops).await;
    let snapshot = |topic: &str| json!({ "action": "snapshot", "topic": topic });
    let cursor = live.say(&snapshot("orders")).await["next"].clone();
    assert!(cursor.is_string());
    let with = |mut message: Value| {
        message["cursor"] = cursor.clone();
        message
    };
    let since = "2026-11-21T09:30:00.000Z";
    let recheck = json!({ "action": "recheck", "topic": "orders", "since": since });
    for message in [with(snapshot("merchant:m1")), with(recheck)] {
        let refused = live.say(&message).await;
        assert_eq!(refused["problem"]["type"], "urn:waybill:problem:invalid-cursor", "{message}");
    }
    let mut other = app.live(&app.client(people::support()).await).await;
    let refused = other.say(&with(snapshot("orders"))).await;
    assert_eq!(refused["problem"]["type"], "urn:waybill:problem:invalid-cursor");
    assert_eq!(ids(&live.say(&with(snapshot("orders"))).await["orders"]).len(), 10);
}

/// A connection that sends too many messages is warned, and then closed; others are not affected.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_says_200_messages_at_once_and_no_more() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let ops = app.ops().await;
    let (mut flood, mut other) = (app.live(&ops).await, app.live(&ops).await);
    for _ in 0..200 {
        assert_eq!(flood.say(&json!({ "action": "ping" })).await["type"], "pong");
    }
    for _ in 0..100 {
        let refused = flood.say(&json!({ "action": "ping" })).await;
        assert_eq!(refused["problem"]["type"], "urn:waybill:problem:too-many-messages");
    }
    assert_eq!(other.say(&json!({ "action": "ping" })).await["type"], "pong");
    let last = flood.say(&json!({ "action": "ping" })).await;
    assert_eq!(last, json!({ "type": "closing", "reason": "too-many-messages" }));
    assert!(flood.next_or_close().await.is_err());
    let mut again = app.live(&ops).await;
    assert_eq!(again.say(&json!({ "action": "ping" })).await["type"], "pong");
}
