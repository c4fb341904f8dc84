//! Attempts that fail, and what follows.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

use super::receiver::Answer;
use super::{Receiver, Webhook, attempt_waits, versions};
use crate::harness::{App, Client, Stopped, eventually, grocery, id_of, order, people, stored};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// The times between the attempts, in seconds.
const SCHEDULE: [i64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// The longest delay of a queue: what comes later is in the log, for the sweep.
const LONGEST_DELAY: i64 = 15 * MINUTE;

/// A webhook of a merchant whose receiver fails, on a stopped clock.
struct Scene {
    time: Stopped,
    app: App,
    merchant: Client,
    receiver: Receiver,
    webhook: Webhook,
    order: String,
}

impl Scene {
    async fn start(events: Value, answers: impl IntoIterator<Item = Answer>) -> Self {
        let time = Stopped::now();
        let app = App::start_at(&time).await;
        let merchant = app.client(people::merchant("m1")).await;
        let receiver = Receiver::start().await;
        receiver.answer(answers);
        let webhook = Webhook::create(&merchant, &receiver, json!({ "events": events })).await;
        let order = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
        Self { time, app, merchant, receiver, webhook, order }
    }

    /// Waits until the log of deliveries has one row in this status after so many attempts, and
    /// until the next attempt waits where it has its place.
    async fn logged(&mut self, status: &str, attempts: usize) -> Value {
        // A token expires on the way.
        self.merchant = self.app.client(people::merchant("m1")).await;
        let row = async || self.webhook.deliveries(&self.merchant).await.pop();
        eventually("a delivery in the log", async || {
            row().await.is_some_and(|row| row["status"] == status && row["attempts"] == attempts)
        })
        .await;
        let pause = SCHEDULE.get(attempts - 1);
        if status == "pending" && pause.is_some_and(|pause| *pause <= LONGEST_DELAY) {
            attempt_waits(&self.app, attempts + 1).await;
        }
        row().await.expect("a row")
    }

    /// Waits until the function has put off two messages: the outbox's own are delivered at once.
    async fn both_wait(&self) {
        eventually("both messages wait", async || {
            let waiting = self.app.runner.messages("WebhookQueue");
            let is_put_off = |sender: &str| sender == "deliver-webhooks";
            waiting.len() == 2 && waiting.iter().all(|it| is_put_off(&it.attributes.sender_id))
        })
        .await;
    }

    /// Moves the clock, and lets the sweep start what is due.
    async fn forward(&self, seconds: i64) {
        self.time.forward(seconds);
        self.app.sweep().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_tried_ten_times_at_the_specified_times_with_the_same_bytes() {
    let mut scene = Scene::start(json!(["order.created"]), vec![Answer::Status(500, ""); 10]).await;
    for (place, seconds) in SCHEDULE.into_iter().enumerate() {
        let row = scene.logged("pending", place + 1).await;
        assert_eq!((&row["response_status"], &row["excerpt"]), (&json!(500), &json!("ok")));
        if place == 0 {
            // The order changes, and the message stays as it was.
            scene.app.ops().await.assign(&scene.order, "d1").await.expect(200);
        }
        scene.forward(seconds - 1).await;
        assert_eq!(scene.receiver.received().len(), place + 1, "not before its time");
        scene.forward(1).await;
        scene.receiver.messages(place + 2).await;
    }
    scene.logged("failed", 10).await;
    let received = scene.receiver.received();
    assert_eq!(received.len(), 10);
    for message in &received {
        assert_eq!((message.id(), &message.body), (received[0].id(), &received[0].body));
        assert!(message.verified_by(&scene.webhook.secret));
    }
    let times: std::collections::BTreeSet<_> =
        received.iter().map(|message| message.header("webhook-timestamp")).collect();
    assert_eq!(times.len(), 10, "the timestamp is the attempt's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_accepted_in_the_end_and_the_log_says_so() {
    let mut scene =
        Scene::start(json!([]), [Answer::Status(500, ""), Answer::Status(302, "location: /x\r\n")])
            .await;
    scene.logged("pending", 1).await;
    let failing = scene.merchant.get(&scene.webhook.path).await.expect(200);
    assert!(failing["failing_since"].is_string());
    scene.forward(5).await;
    let row = scene.logged("pending", 2).await;
    assert_eq!(row["error"], "redirects are not followed");
    scene.forward(5 * MINUTE).await;
    let row = scene.logged("delivered", 3).await;
    assert_eq!(row["response_status"], 204);
    assert_eq!(versions(&scene.receiver.received(), &scene.order), [1, 1, 1]);
    let webhook = scene.merchant.get(&scene.webhook.path).await.expect(200);
    assert_eq!(webhook["failing_since"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_gone_gets_nothing_more() {
    let mut scene = Scene::start(json!([]), [Answer::Status(410, "")]).await;
    scene.logged("failed", 1).await;
    let webhook = scene.merchant.get(&scene.webhook.path).await.expect(200);
    assert_eq!((&webhook["enabled"], &webhook["disabled_reason"]), (&json!(false), &json!("gone")));
    scene.forward(HOUR).await;
    assert_eq!(scene.receiver.received().len(), 1);
}

/// A server that says it is overloaded gets no requests for as long as it asks, or for half a minute.
#[tokio::test(flavor = "multi_thread")]
async fn an_overloaded_endpoint_is_left_alone() {
    for (status, headers, seconds) in [(429, "retry-after: 600\r\n", 600), (502, "", 30)] {
        let mut scene = Scene::start(json!([]), [Answer::Status(status, headers)]).await;
        scene.logged("pending", 1).await;
        // Another message is not sent before either, and costs no attempt.
        let ops = scene.app.ops().await;
        ops.assign(&scene.order, "d1").await.expect(200);
        scene.both_wait().await;
        scene.forward(seconds - 1).await;
        assert_eq!(scene.receiver.received().len(), 1, "{status}");
        scene.forward(1).await;
        scene.receiver.messages(3).await;
        scene.logged("delivered", 2).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_endpoint_has_fifteen_seconds_and_its_body_is_read_in_part() {
    let scene = Scene::start(
        json!([]),
        [
            Answer::Late(204, Duration::from_secs(3)),
            Answer::Late(204, Duration::from_secs(3)),
            Answer::Endless,
        ],
    )
    .await;
    // The first attempt ended after two seconds, the second was patient.
    scene.receiver.messages(2).await;
    let ops = scene.app.ops().await;
    ops.assign(&scene.order, "d1").await.expect(200);
    scene.receiver.messages(3).await;
    eventually("nothing waits", async || {
        let waits = |queue| !scene.app.runner.messages(queue).is_empty();
        !waits("WebhookQueue") && !waits("SlowWebhookQueue")
    })
    .await;
    assert_eq!(scene.webhook.deliveries(&scene.merchant).await, [] as [Value; 0]);
}

/// The old server of a webhook that moved says that it is gone, after the move.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_not_disabled_for_its_former_server() {
    let scene = Scene::start(json!([]), [Answer::Late(410, Duration::from_millis(1500))]).await;
    eventually("a request to the old server", async || scene.receiver.received().len() == 1).await;
    let new = Receiver::start().await;
    let moved = json!({ "url": new.url() });
    scene.merchant.patch(&scene.webhook.path, &moved).await.expect(200);
    assert_eq!(versions(&new.messages(1).await, &scene.order), [1]);
    let webhook = scene.merchant.get(&scene.webhook.path).await.expect(200);
    assert_eq!(webhook["enabled"], true);
}

/// A row that cannot be parsed fails the sweep, and delays no other attempt.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_the_log_that_cannot_be_parsed_stops_no_other() {
    let mut scene = Scene::start(json!([]), vec![Answer::Status(500, ""); 3]).await;
    for (attempts, seconds) in [(1, SCHEDULE[0]), (2, SCHEDULE[1])] {
        scene.logged("pending", attempts).await;
        scene.forward(seconds).await;
    }
    scene.logged("pending", 3).await;
    let mut bad = stored::items(&scene.app, "DeliveriesTable").await.remove(0);
    bad.insert("message".to_owned(), AttributeValue::S("0".to_owned()));
    bad.insert("attempts".to_owned(), AttributeValue::S("many".to_owned()));
    let put = scene.app.runner.dynamodb().put_item().set_item(Some(bad));
    put.table_name(scene.app.runner.table("DeliveriesTable")).send().await.expect("a row");
    scene.time.forward(SCHEDULE[2]);
    let swept = scene.app.runner.invoke("sweep", &json!({})).await;
    assert!(swept.is_err(), "an alarm rings");
    scene.receiver.messages(4).await;
}

/// The sweep starts no attempt again that nobody makes.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_to_a_webhook_that_was_disabled_is_dropped_and_not_started_again() {
    let mut scene = Scene::start(json!([]), vec![Answer::Status(500, ""); 3]).await;
    for (attempts, seconds) in [(1, SCHEDULE[0]), (2, SCHEDULE[1])] {
        scene.logged("pending", attempts).await;
        scene.forward(seconds).await;
    }
    scene.logged("pending", 3).await;
    let disable = json!({ "enabled": false });
    scene.merchant.patch(&scene.webhook.path, &disable).await.expect(200);
    scene.forward(SCHEDULE[2]).await;
    let row = scene.logged("dropped", 3).await;
    assert_eq!(row["error"], "the webhook is disabled");
    assert_eq!(scene.receiver.received().len(), 3);
    scene.forward(24 * HOUR).await;
    assert!(scene.app.runner.messages("WebhookQueue").is_empty());
}

/// An order that a store lost is not told to the store, and the log says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_lost_an_order_gets_nothing_more_of_it() {
    let time = Stopped::now();
    let app = App::start_at(&time).await;
    let (ops, clerk) = (app.ops().await, app.client(people::store("m1", "s1")).await);
    let receiver = Receiver::start().await;
    receiver.answer([Answer::Status(500, "")]);
    let webhook = Webhook::create(&clerk, &receiver, json!({})).await;
    let id = id_of(&ops.create(&grocery("m1", "s1", "c1")).await.expect(201));
    receiver.messages(2).await;
    let reject = json!({ "reason": "the oven is broken", "reassign_to": "s2" });
    clerk.post(&format!("/orders/{id}/reject"), &reject).await.expect(204);
    attempt_waits(&app, 2).await;
    time.forward(5);
    let dropped = async || {
        let rows = webhook.deliveries(&clerk).await;
        rows.first().is_some_and(|row| row["status"] == "dropped")
    };
    eventually("the message is dropped", dropped).await;
    let rows = webhook.deliveries(&clerk).await;
    assert_eq!(rows[0]["error"], "the endpoint no longer sees the order");
    assert_eq!(receiver.received().len(), 2);
}
