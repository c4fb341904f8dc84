//! The permissions of the functions of webhooks, each of them used.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::receiver::Answer;
use super::{Receiver, Webhook};
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
        time.forward(seconds);
        app.sweep().await;
    }
    receiver.messages(4).await;
    receiver.answer([Answer::Late(204, Duration::from_secs(3))]);
    // A record that does not parse goes to the failure queue.
    let record = json!({ "dynamodb": { "NewImage": { "version": { "S": "?" } } } });
    let response = app.runner.invoke("outbox", &json!({ "Records": [record] })).await;
    assert_eq!(response.expect("a response")["batchItemFailures"], json!([]));
    assert_eq!(app.runner.messages("OutboxFailures").len(), 1);
    let owner = app.client(people::ops()).await;
    let replay = json!({ "order": id });
    owner.post(&format!("{}/replay", webhook.path), &replay).await.expect(202);
    receiver.messages(6).await;
    owner.send(owner.request(Method::DELETE, &webhook.path).json(&Value::Null)).await.expect(204);
}
