//! Sending messages again.

use std::collections::BTreeSet;

use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};

use aws_sdk_dynamodb::types::AttributeValue;

use super::receiver::Answer;
use super::{Receiver, Webhook, attempt_waits, versions};
use crate::harness::{App, Client, NO_ORDER, Stopped, eventually, id_of, order, people, stored};

impl Webhook {
    async fn replay(&self, client: &Client, body: &Value) -> Value {
        client.post(&format!("{}/replay", self.path), body).await.expect(202)
    }
}

/// Messages that were lost on the receiver's side: those about one order, and those of a period.
#[tokio::test(flavor = "multi_thread")]
async fn lost_messages_are_sent_again() {
    let time = Stopped::at("2026-11-21T09:00:00.000Z");
    let app = App::start_at(&time).await;
    let (merchant, other) =
        (app.client(people::merchant("m1")).await, app.client(people::merchant("m2")).await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(id_of(&merchant.create(&order("m1", "c1")).await.expect(201)));
        other.create(&order("m2", "c1")).await.expect(201);
        time.forward(60);
    }
    merchant.assign(&ids[1], "d1").await.expect(200);
    merchant.assign(&ids[2], "d2").await.expect(200);
    // The webhook is so new that it heard of nothing.
    let receiver = Receiver::start().await;
    let asked = json!({ "events": ["order.created", "order.cancelled"] });
    let webhook = Webhook::create(&merchant, &receiver, asked).await;

    let of_all = webhook.replay(&merchant, &json!({ "order": ids[1] })).await;
    assert_eq!(of_all, json!({ "queued": 2, "next": null }));
    assert_eq!(versions(&receiver.messages(1).await, &ids[1]), [1], "of the types it asks for");
    let of_one = json!({ "order": ids[1], "version": 1 });
    assert_eq!(webhook.replay(&merchant, &of_one).await["queued"], 1);
    let twice = receiver.messages(2).await;
    assert_eq!((twice[0].id(), &twice[0].body), (twice[1].id(), &twice[1].body));

    // The first is before the period, and the third at its end.
    let period = json!({ "from": "2026-11-21T09:00:30Z", "to": "2026-11-21T09:02:00Z" });
    let of_period = webhook.replay(&merchant, &period).await;
    assert_eq!(of_period, json!({ "queued": 2, "next": null }));
    assert_eq!(versions(&receiver.messages(3).await, &ids[1]), [1, 1, 1]);
    let since = json!({ "from": "2026-11-21T10:01:00+01:00" });
    assert_eq!(webhook.replay(&merchant, &since).await["queued"], 4);
    let all = receiver.messages(5).await;
    assert_eq!((versions(&all, &ids[1]).len(), versions(&all, &ids[2])), (4, vec![1]));
    eventually("empty queues", async || app.runner.messages("WebhookQueue").is_empty()).await;
    assert_eq!(receiver.received().len(), 5);
    let rows = webhook.deliveries(&merchant).await;
    let logged = rows.iter().map(|row| (&row["order"], &row["status"]));
    let delivered = json!("delivered");
    let expected = ids[1..].iter().map(|id| (json!(id), &delivered));
    assert!(logged.eq(expected.collect::<Vec<_>>().iter().map(|(id, status)| (id, *status))));
}

/// Parts of a period cover it: no order is left out, and none comes twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_period_is_replayed_in_parts() {
    let app = App::start_with(|options| options.streams = emulator::Streams::ByHand).await;
    let merchant = app.client(people::merchant("m1")).await;
    let body = order("m1", "c1");
    let creations = (0..205).map(async |_| {
        let created = merchant.create(&body).await;
        Ok::<_, ()>(id_of(&created.expect(201)))
    });
    let ids = stream::iter(creations).buffer_unordered(16);
    let ids: BTreeSet<String> = ids.try_collect().await.expect("orders");
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let mut period = json!({ "from": "2020-01-01T00:00:00Z" });
    let mut queued = Vec::new();
    loop {
        let part = webhook.replay(&merchant, &period).await;
        queued.push(part["queued"].as_u64().expect("a number"));
        period["cursor"] = part["next"].clone();
        if period["cursor"].is_null() {
            break;
        }
        let foreign = json!({ "from": "2020-01-01T00:00:01Z", "cursor": period["cursor"] });
        let path = format!("{}/replay", webhook.path);
        merchant.post(&path, &foreign).await.problem(400, "invalid-cursor");
    }
    assert_eq!(queued, [100, 100, 5]);
    let messages = app.runner.messages("WebhookQueue");
    let named = messages.iter().map(|message| {
        let body: Value = serde_json::from_str(&message.body).expect("JSON");
        body["order"].as_str().expect("an id").to_owned()
    });
    let named: Vec<_> = named.collect();
    assert_eq!((named.len(), named.into_iter().collect::<BTreeSet<_>>()), (205, ids));
}

/// A message that was given up is sent again with all its attempts, and the log tells of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_is_retried_as_a_message_is() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    receiver.answer([Answer::Status(500, ""), Answer::Status(500, ""), Answer::Status(503, "")]);
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    let logged = async |status: &str, attempts: u64| {
        eventually("a delivery in the log", async || {
            let rows = webhook.deliveries(&merchant).await;
            rows.iter().any(|row| row["status"] == status && row["attempts"] == attempts)
        })
        .await;
    };
    attempt_waits(&app, 2).await;
    logged("pending", 1).await;
    time.forward(5);
    attempt_waits(&app, 3).await;
    logged("pending", 2).await;
    // The third attempt is five minutes away; the replay does not wait for it.
    let again = json!({ "order": id, "version": 1 });
    webhook.replay(&merchant, &again).await;
    attempt_waits(&app, 2).await;
    logged("pending", 1).await;
    time.forward(5);
    logged("delivered", 2).await;
    // The attempt that the replay overtook is made once more, and changes nothing in the log.
    time.forward(5 * 60);
    receiver.messages(5).await;
    logged("delivered", 2).await;
    webhook.replay(&merchant, &again).await;
    logged("delivered", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_to_a_disabled_webhook_is_refused() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let disable = json!({ "enabled": false });
    merchant.patch(&webhook.path, &disable).await.expect(200);
    let (path, body) = (format!("{}/replay", webhook.path), json!({ "order": NO_ORDER }));
    merchant.post(&path, &body).await.problem(409, "webhook-disabled");
}

/// A webhook that a later version of Waybill stored is left out, and the others get their messages.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_parsed_stops_nobody_else() {
    let app = App::start().await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    for _ in 0..2 {
        Webhook::create(&merchant, &receiver, json!({})).await;
    }
    let mut row = stored::items(&app, "WebhooksTable").await.remove(0);
    let types = AttributeValue::L(vec![AttributeValue::S("order.teleported".to_owned())]);
    row.insert("events".to_owned(), types);
    let put = app.runner.dynamodb().put_item().table_name(app.runner.table("WebhooksTable"));
    put.set_item(Some(row)).send().await.expect("a row");
    let left = merchant.get("/merchants/m1/webhooks").await.expect(200);
    assert_eq!(left["webhooks"].as_array().unwrap().len(), 1);
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    assert_eq!(versions(&receiver.messages(1).await, &id), [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_nothing_is_refused() {
    let app = App::start().await;
    let (merchant, clerk) =
        (app.client(people::merchant("m1")).await, app.client(people::store("m1", "s1")).await);
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    let path = format!("{}/replay", webhook.path);
    for unknown in [json!({ "order": NO_ORDER }), json!({ "order": id, "version": 2 })] {
        merchant.post(&path, &unknown).await.problem(404, "not-found");
    }
    let (from, to) = ("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z");
    for (body, pointer) in [
        (json!({}), "/order"),
        (json!({ "to": to }), "/order"),
        (json!({ "version": 1 }), "/order"),
        (json!({ "order": id, "from": from }), "/from"),
        (json!({ "order": id, "cursor": "c" }), "/cursor"),
        (json!({ "from": from, "version": 1 }), "/version"),
        (json!({ "from": to, "to": from }), "/to"),
        (json!({ "from": from, "to": from }), "/to"),
        (json!({ "from": "yesterday" }), "/from"),
        (json!({ "from": from, "cursor": "next" }), "/cursor"),
        (json!({ "from": "2026-11-21" }), "/from"),
    ] {
        let problem = merchant.post(&path, &body).await.problem(422, "invalid-fields");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}: {problem}");
    }
    // A store's webhook is sent the orders of its store.
    let of_store = Webhook::create(&clerk, &receiver, json!({})).await;
    let queueing = of_store.replay(&clerk, &json!({ "from": "2020-01-01T00:00:00Z" })).await;
    assert_eq!(queueing, json!({ "queued": 0, "next": null }));
}
