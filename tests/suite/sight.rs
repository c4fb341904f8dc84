//! Guarantee 4, for those whose order it is: each sees what is for them, and for
//! as long as the order is theirs.

use serde_json::{Value, json};

use crate::harness::marked::{self, DESCRIPTION, MARK, PERSONAL, REASON};
use crate::harness::{App, Client, id_of, people, removed};

/// Everybody who sees a marked order with driver d1, what they listen to, and
/// whether they read notes and reasons.
fn parties() -> [(Value, &'static str, bool); 6] {
    [
        (people::ops(), "orders", true),
        (people::support(), "orders", true),
        (people::merchant("m1"), "merchant:m1", true),
        (people::store("m1", "s1"), "store:m1:s1", true),
        (people::driver("d1"), "driver:d1", false),
        (people::customer("m1", "c1"), "customer:m1:c1", false),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_reasons_and_descriptions_do_not_reach_drivers_and_customers() {
    let app = App::start().await;
    let ops = app.ops().await;
    let mut listening = Vec::new();
    for (person, topic, reads) in parties() {
        let client = app.client(person).await;
        let mut live = app.live(&client).await;
        live.subscribe(topic).await;
        listening.push((client, live, reads));
    }
    let id = marked::place(&ops).await;
    app.relayed().await;
    for (client, mut live, reads) in listening {
        let order = client.order(&id).await;
        order.expect(200);
        let history = client.history(&id).await;
        let events = history.expect(200)["events"].as_array().unwrap().len();
        let heard = json!(live.until_pong().await).to_string();
        for (text, notes) in [(order.text, false), (history.text, reads), (heard, reads)] {
            assert_eq!(text.contains("marked-note"), notes, "{text}");
            assert_eq!(text.contains(REASON), notes, "{text}");
            assert_eq!(text.contains(DESCRIPTION), notes, "{text}");
        }
        assert_eq!(events, 6);
    }
    // Nor by the answer to a change of one's own.
    let driver = app.client(people::driver("d1")).await;
    let answer = driver.patch(&format!("/orders/{id}/status"), &marked::change("in_transit")).await;
    answer.expect(200);
    assert!(!answer.text.contains("marked-note"), "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_and_frames_hold_nothing_personal() {
    let app = App::start().await;
    let mut listening = Vec::new();
    for (person, topic, _) in parties() {
        let client = app.client(person).await;
        let mut live = app.live(&client).await;
        live.subscribe(topic).await;
        listening.push((client, live));
    }
    let id = marked::place(&app.ops().await).await;
    app.relayed().await;
    for (client, mut live) in listening {
        assert!(client.order(&id).await.text.contains("marked-person-name"));
        let list = client.get("/orders").await.text;
        let heard = json!(live.until_pong().await).to_string();
        let history = client.history(&id).await.text;
        let change = client.move_to(&id, "picked_up").await.text;
        for text in [&list, &heard, &history] {
            assert!(text.contains(&id) && text.contains(MARK), "{text}");
        }
        for text in [list, heard, history, change] {
            assert!(!text.contains(PERSONAL), "{text}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_is_masked_for_support_and_gone_for_a_driver_who_is_done() {
    let app = App::start().await;
    let ops = app.ops().await;
    let (support, driver) =
        (app.client(people::support()).await, app.client(people::driver("d1")).await);
    let id = marked::place(&ops).await;
    let contact =
        async |client: &Client| client.order(&id).await.expect(200)["customer"]["contact"].clone();
    assert_eq!(contact(&ops).await, "marked-person-contact@example.org");
    assert_eq!(contact(&driver).await, "marked-person-contact@example.org");
    assert_eq!(contact(&support).await, "m***@***");
    assert!(!support.order(&id).await.text.contains("marked-person-contact"));
    driver.move_to(&id, "in_transit").await.expect(200);
    driver.move_to(&id, "delivered").await.expect(200);
    let done = driver.order(&id).await.text;
    assert!(!done.contains("marked-person-contact") && !done.contains("marked-person-dropoff"));
    assert_eq!(contact(&support).await, "m***@***");
}

/// Takes an order from d1 in the way that `lose` says, and goes on with it: who
/// listens to these topics alone hears that it is gone, once, and nothing after.
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
        _ => ops.assign(&id, "d2").await,
    };
    app.relayed().await;
    ops.assign(&id, "d3").await.expect(200);
    ops.patch(&format!("/orders/{id}/status"), &marked::change("picked_up")).await.expect(200);
    app.relayed().await;
    assert_eq!(live.until_pong().await, [removed(&id, 3)], "{topics:?}, {lose}, {person}");
    if person["role"] == "driver" {
        client.order(&id).await.problem(404, "not-found");
        client.history(&id).await.problem(404, "not-found");
        assert_eq!(live.ask("subscribe", &format!("order:{id}")).await["type"], "problem");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_driver_who_loses_an_order_hears_so_and_nothing_after() {
    for topics in [&["driver:d1"][..], &["order:ID"], &["driver:d1", "order:ID"]] {
        for lose in ["given back", "unassigned", "reassigned"] {
            check_loss(people::driver("d1"), topics, lose).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_watches_a_driver_hears_when_an_order_leaves() {
    for lose in ["unassigned", "reassigned"] {
        check_loss(people::ops(), &["driver:d1"], lose).await;
    }
}
