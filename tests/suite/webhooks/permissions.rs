//! The permissions of the functions of webhooks, each of them used.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::Answer;
use super::{Receiver, Webhook, attempt_waits};
use crate::harness::{App, Stopped, eventually, id_of, order, people};

/// Creates a webhook, has messages accepted, refused and accepted late, replays one, and deletes
/// the webhook.
pub async fn use_every_permission(app: &App, time: &Stopped) {
    let ops = app.ops().await;
    let receiver = Receiver::start().await;
    receiver.answer(vec![Answer::Status(500, ""); 3]);
    let webhook = Webhook::create(&ops, &receiver, json!({})).await;
    // Another minute, so that the outbox finds it.
    time.forward(60);
    let ops = app.ops().await;
    let id = id_of(&ops.create(&order("m1", "c1")).await.expect(201));
    for (attempts, seconds) in [(1, 5), (2, 5 * 60), (3, 30 * 60)] {
        eventually("a failed attempt", async || {
            let rows = webhook.deliveries(&app.ops().await).await;
            rows.first().is_some_and(|row| row["attempts"] == attempts)
        })
        .await;
        if attempts < 3 {
            attempt_waits(app, attempts + 1).await;
        }
        time.forward(seconds);
        app.sweep().await;
    }
    receiver.messages(4).await;
    // A record that does not parse goes to the failure queue.
    let record = json!({ "dynamodb": { "NewImage": { "version": { "S": "?" } } } });
    let response = app.runner.invoke("outbox", &json!({ "Records": [record] })).await;
    assert_eq!(response.expect("a response")["batchItemFailures"], json!([]));
    let aside = app.runner.messages("OutboxFailures");
    let ids: Vec<Value> = aside.iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect();
    assert_eq!(ids, [json!({ "order_id": null, "after": 0 })], "without the record");
    let owner = app.client(people::ops()).await;
    let replay = async |body: Value| {
        let queueing = owner.post(&format!("{}/replay", webhook.path), &body).await.expect(202);
        usize::try_from(queueing["queued"].as_u64().unwrap()).unwrap()
    };
    let count = 4 + replay(json!({ "from": "2020-01-01T00:00:00Z" })).await;
    receiver.messages(count).await;
    receiver.answer([Answer::Late(204, Duration::from_secs(3))]);
    replay(json!({ "order": id, "version": 1 })).await;
    receiver.messages(count + 2).await;
    owner.send(owner.request(Method::DELETE, &webhook.path).json(&Value::Null)).await.expect(204);
}
