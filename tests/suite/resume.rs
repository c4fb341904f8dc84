//! Resuming `order:ID`: the missed events, or else the current order.

use serde_json::{Value, json};

use crate::harness::{App, Client, Live, people};

fn versions<'a>(events: impl IntoIterator<Item = &'a Value>) -> Vec<u64> {
    events.into_iter().map(|event| event["version"].as_u64().expect("a version")).collect()
}

/// Creates an order with this many versions, by one assignment after another.
async fn order_of(app: &App, ops: &Client, versions: usize) -> String {
    let id = app.place_order().await;
    for n in 1..versions {
        ops.replace_driver(&id, &format!("d{n}")).await.expect(200);
    }
    app.relayed().await;
    id
}

/// Subscribes with `after`; returns the messages before the response, and the response.
async fn resume(live: &mut Live, id: &str, after: u64) -> (Vec<Value>, Value) {
    let topic = format!("order:{id}");
    live.send(&json!({ "action": "subscribe", "topic": topic, "after": after })).await;
    let mut before = Vec::new();
    loop {
        match live.next().await {
            response if response["type"] == "subscribed" => return (before, response),
            events => before.push(events),
        }
    }
}

fn events(messages: &[Value]) -> Vec<&Value> {
    messages.iter().flat_map(|it| it["events"].as_array().expect("events")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_resumes_hears_each_event_since_and_how_the_order_stands() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = order_of(&app, &ops, 7).await;
    let order = ops.get("/orders?merchant=m1").await.expect(200)["orders"][0].clone();
    let history = ops.history(&id).await.expect(200)["events"].clone();
    for after in 0..=7 {
        let mut live = app.live(&ops).await;
        let (before, subscribed) = resume(&mut live, &id, after).await;
        let received = events(&before);
        assert_eq!(versions(received.iter().copied()), (after + 1..=7).collect::<Vec<_>>());
        assert_eq!((&subscribed["recovered"], &subscribed["order"]), (&json!(true), &order));
        for event in received {
            let mut event = event.clone();
            assert_eq!(event.as_object_mut().unwrap().remove("order_id"), Some(json!(id)));
            assert!(history.as_array().unwrap().contains(&event), "as history has it: {event}");
        }
    }
    let mut live = app.live(&ops).await;
    let (before, subscribed) = resume(&mut live, &id, 8).await;
    assert!(before.is_empty());
    assert_eq!((&subscribed["recovered"], &subscribed["order"]), (&json!(false), &order));
    let subscribed = live.subscribe(&format!("order:{id}")).await;
    assert_eq!((&subscribed["recovered"], &subscribed["order"]), (&Value::Null, &order));
    ops.move_to(&id, "cancelled").await.expect(200);
    assert_eq!(versions(&live.events(1).await), [8], "and what comes, it hears once");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_events_are_sent_again_and_no_part_of_more() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    let note = "n".repeat(1000);
    for n in 0..100 {
        let body = json!({ "type": "other", "severity": "low", "description": note });
        let issue = ops.operate(&id, "issues", &body).await.expect(200)["issues"][0]["id"].clone();
        let resolved = json!({ "resolution": note });
        ops.operate(&id, &format!("issues/{issue}/resolve"), &resolved).await.expect(200);
        ops.replace_driver(&id, &format!("d{n}")).await.expect(200);
    }
    app.relayed().await;
    let mut live = app.live(&ops).await;
    let (before, subscribed) = resume(&mut live, &id, 1).await;
    assert_eq!(subscribed["recovered"], true);
    assert_eq!(versions(events(&before)), (2..=301).collect::<Vec<_>>());
    let sizes: Vec<_> = before.iter().map(|message| message.to_string().len()).collect();
    assert!(sizes.len() > 1 && sizes.iter().all(|size| *size <= 128 * 1024), "{sizes:?}");
    let (before, subscribed) = resume(&mut live, &id, 0).await;
    assert_eq!((before.len(), &subscribed["recovered"]), (0, &json!(false)));
    assert_eq!(subscribed["order"]["version"], 301);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_is_what_its_reader_may_see() {
    let app = App::start().await;
    let ops = app.ops().await;
    let id = app.place_order().await;
    ops.assign(&id, "d1").await.expect(200);
    ops.unassign(&id, "marked-reason").await.expect(200);
    ops.assign(&id, "d1").await.expect(200);
    app.relayed().await;
    for (person, is_shown) in [
        (people::support(), true),
        (people::driver("d1"), false),
        (people::customer("m1", "c1"), false),
    ] {
        let mut live = app.live(&app.client(person.clone()).await).await;
        let (before, subscribed) = resume(&mut live, &id, 0).await;
        assert_eq!(versions(events(&before)), [1, 2, 3, 4], "{person}");
        assert_eq!(json!(before).to_string().contains("marked-reason"), is_shown, "{person}");
        assert_eq!(subscribed["order"]["customer"], json!({ "reference": "c1" }), "{person}");
    }
    for stranger in [people::driver("d2"), people::customer("m2", "c1"), people::merchant("m2")] {
        let mut live = app.live(&app.client(stranger).await).await;
        let message = json!({ "action": "subscribe", "topic": format!("order:{id}"), "after": 0 });
        let refused = live.say(&message).await;
        assert_eq!(refused["problem"]["type"], "urn:waybill:problem:not-found");
        ops.move_to(&id, "cancelled").await;
        app.relayed().await;
        assert_eq!(live.until_pong().await, [] as [Value; 0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_is_a_version_of_one_order() {
    let app = App::start().await;
    let mut live = app.live(&app.ops().await).await;
    let id = app.place_order().await;
    for (topic, after) in [
        ("orders".to_owned(), json!(1)),
        (format!("order:{id}"), json!(-1)),
        (format!("order:{id}"), json!("1")),
        (format!("order:{id}"), json!(1.5)),
        (format!("order:{id}"), json!(1u64 << 53)),
    ] {
        let message = json!({ "action": "subscribe", "topic": topic, "after": after });
        let refused = live.say(&message).await;
        let problem = &refused["problem"];
        assert_eq!(problem["type"], "urn:waybill:problem:invalid-fields", "{message}");
        assert_eq!(problem["errors"][0]["pointer"], "/after", "{message}: {refused}");
    }
}
