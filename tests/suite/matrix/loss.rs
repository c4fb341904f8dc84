//! A client that loses an order receives its removal, and nothing after it.

use serde_json::{Value, json};

use crate::harness::marked::{self, REASON};
use crate::harness::{App, Live, id_of, people, removed};

/// The ways in which driver d1 loses an order.
const WAYS: [&str; 3] = ["given back", "unassigned", "reassigned"];

/// Takes an order from d1 in the way `lose` and continues with it: a subscriber of these topics
/// alone receives its removal once, and nothing after it.
async fn check_loss(person: Value, topics: &[&str], lose: &str) {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = id_of(&ops.create(&marked::order()).await.expect(201));
    ops.assign(&id, "d1").await.expect(200);
    app.relayed().await;
    let client = app.client(person.clone()).await;
    let mut live = app.live(&client).await;
    for topic in topics {
        live.subscribe(&topic.replace("ID", &id)).await;
    }
    match lose {
        "given back" => app.client(people::driver("d1")).await.unassign(&id, REASON).await,
        "unassigned" => ops.unassign(&id, REASON).await,
        _ => ops.replace_driver(&id, "d2").await,
    };
    app.relayed().await;
    ops.replace_driver(&id, "d3").await.expect(200);
    ops.patch(&format!("/orders/{id}/status"), &marked::change("picked_up")).await.expect(200);
    app.relayed().await;
    assert_eq!(live.until_pong().await, [removed(&id, 3)], "{topics:?}, {lose}, {person}");
    if person["role"] == "driver" {
        client.order(&id).await.problem(404, "not-found");
        client.history(&id).await.problem(404, "not-found");
        check_no_return(&mut live, &id).await;
        check_no_return(&mut app.live(&client).await, &id).await;
    }
}

/// A client that lost the order cannot resume it, whatever version it has.
async fn check_no_return(live: &mut Live, id: &str) {
    let topic = format!("order:{id}");
    assert_eq!(live.ask("subscribe", &topic).await["problem"]["status"], 404);
    for after in [0, 2, 3, 4, 5, 6] {
        let message = json!({ "action": "subscribe", "topic": topic, "after": after });
        assert_eq!(live.say(&message).await["problem"]["status"], 404, "after {after}");
    }
    assert_eq!(live.until_pong().await, [] as [Value; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_loses_an_order_hears_so_and_nothing_after() {
    for topics in [&["driver:d1"][..], &["order:ID"], &["driver:d1", "order:ID"]] {
        for lose in WAYS {
            check_loss(people::driver("d1"), topics, lose).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_a_driver_hears_when_an_order_leaves() {
    for lose in WAYS {
        check_loss(people::ops(), &["driver:d1"], lose).await;
    }
}
