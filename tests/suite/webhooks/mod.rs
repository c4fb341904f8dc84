//! Webhooks: signed messages about the changes of orders, to real receivers over HTTP.

mod attempts;
mod faults;
mod isolation;
mod management;
mod permissions;
mod receiver;
mod replays;

use serde_json::{Value, json};

pub use self::permissions::use_every_permission;
use self::receiver::{Received, Receiver};
use crate::harness::{App, Client, eventually, grocery, id_of, order, people};

const ALL: &str = "/merchants/m1/webhooks";

/// A webhook of a test.
struct Webhook {
    path: String,
    secret: String,
}

impl Webhook {
    /// Creates a webhook for a receiver, with these fields beside its URL.
    async fn create(client: &Client, receiver: &Receiver, fields: Value) -> Self {
        Self::of("m1", client, receiver, fields).await
    }

    /// As [`Webhook::create`], for this merchant.
    async fn of(merchant: &str, client: &Client, receiver: &Receiver, fields: Value) -> Self {
        let (all, mut body) = (format!("/merchants/{merchant}/webhooks"), fields);
        body["url"] = receiver.url().into();
        let created = client.post(&all, &body).await.expect(201);
        let path = format!("{all}/{}", created["id"].as_str().unwrap());
        Self { path, secret: created["secret"].as_str().unwrap().to_owned() }
    }

    async fn deliveries(&self, client: &Client) -> Vec<Value> {
        let page = client.get(&format!("{}/deliveries", self.path)).await.expect(200);
        page["deliveries"].as_array().unwrap().clone()
    }
}

/// Waits until the queue holds this attempt, which is put off. The log tells of the failure before
/// it a moment earlier: who moves the clock in between moves the attempt too.
async fn attempt_waits(app: &App, attempt: usize) {
    eventually("an attempt that was put off", async || {
        let waiting = app.runner.messages("WebhookQueue");
        let mut bodies = waiting.iter().map(|it| serde_json::from_str::<Value>(&it.body).unwrap());
        bodies.any(|body| body["attempt"] == attempt)
    })
    .await;
}

/// Returns the orders' versions that messages are about.
fn versions(messages: &[Received], order: &str) -> Vec<u64> {
    let bodies = messages.iter().map(Received::json);
    let own = bodies.filter(|body| body["data"]["order"]["id"] == order);
    own.map(|body| body["data"]["event"]["version"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_hears_of_each_event_in_a_signed_message() {
    let app = App::start().await;
    let (merchant, ops) = (app.client(people::merchant("m1")).await, app.ops().await);
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let id = id_of(&merchant.create(&order("m1", "c1")).await.expect(201));
    let mut orders = vec![merchant.get(&format!("/orders/{id}")).await.expect(200)];
    ops.assign(&id, "d1").await.expect(200);
    for status in ["picked_up", "in_transit", "delivered"] {
        orders.push(merchant.get(&format!("/orders/{id}")).await.expect(200));
        ops.move_to(&id, status).await.expect(200);
    }
    orders.push(merchant.get(&format!("/orders/{id}")).await.expect(200));
    ops.create(&order("m2", "c1")).await.expect(201);

    let mut messages = receiver.messages(5).await;
    assert_eq!(messages.len(), 5);
    messages.sort_by_key(|message| message.id().to_owned());
    assert_eq!(versions(&messages, &id), [1, 2, 3, 4, 5]);
    let history = merchant.get(&format!("/orders/{id}/history")).await.expect(200);
    for (place, message) in messages.iter().enumerate() {
        let body = message.json();
        let (event, order) = (&body["data"]["event"], &body["data"]["order"]);
        assert_eq!(message.id(), format!("msg_{id}_{}", place + 1));
        assert_eq!(*event, history["events"][place]);
        assert_eq!(body["type"], format!("order.{}", event["type"].as_str().unwrap()));
        assert_eq!(body["timestamp"], event["at"]);
        // The order as of the event, without personal details.
        let mut then = orders[place].clone();
        then.as_object_mut().unwrap().remove("addresses");
        then["customer"] = json!({ "reference": "c1" });
        assert_eq!(*order, then);
        assert!(message.verified_by(&webhook.secret), "{message:?}");
        assert!(!message.verified_by("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
        assert_eq!(message.header("content-type"), "application/json");
    }
    assert_eq!(webhook.deliveries(&merchant).await, [] as [Value; 0], "success leaves nothing");
}

/// The types that it asks for, and the orders that its store has.
#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_gets_what_it_asks_for_and_may_see() {
    let app = App::start().await;
    let (merchant, ops) = (app.client(people::merchant("m1")).await, app.ops().await);
    let clerk = app.client(people::store("m1", "s1")).await;
    let (all, some, own) =
        (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    Webhook::create(&merchant, &all, json!({})).await;
    let asked = json!({ "events": ["order.store_reassigned"] });
    Webhook::create(&merchant, &some, asked).await;
    Webhook::create(&clerk, &own, json!({})).await;
    let at_store =
        async |store: &str| id_of(&ops.create(&grocery("m1", store, "c1")).await.expect(201));
    let (first, second) = (at_store("s1").await, at_store("s2").await);
    own.messages(2).await;
    let reject = json!({ "reason": "the oven is broken", "reassign_to": "s2" });
    clerk.post(&format!("/orders/{first}/reject"), &reject).await.expect(204);
    let sorted = |mut versions: Vec<u64>| {
        versions.sort_unstable();
        versions
    };
    assert_eq!(sorted(versions(&all.messages(6).await, &first)), [1, 2, 3, 4]);
    assert_eq!(versions(&some.messages(1).await, &first), [4]);
    assert_eq!(sorted(versions(&own.received(), &first)), [1, 2]);
    assert_eq!(versions(&own.received(), &second), [] as [u64; 0]);
}

/// A reader of the queues learns ids and nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn queued_messages_hold_ids_only() {
    let app = App::start_with(|options| options.streams = emulator::Streams::ByHand).await;
    let merchant = app.client(people::merchant("m1")).await;
    let receiver = Receiver::start().await;
    let webhook = Webhook::create(&merchant, &receiver, json!({})).await;
    let mut body = order("m1", "c1");
    body["metadata"] = json!({ "note": "metadata-of-the-order" });
    let id = id_of(&merchant.create(&body).await.expect(201));
    let replay = format!("{}/replay", webhook.path);
    let queueing = merchant.post(&replay, &json!({ "order": id })).await.expect(202);
    assert_eq!(queueing, json!({ "queued": 1, "next": null }));
    let queued = app.runner.messages("WebhookQueue");
    assert_eq!(queued.len(), 1);
    let endpoint = webhook.path.rsplit('/').next().unwrap();
    let mut message: Value = serde_json::from_str(&queued[0].body).unwrap();
    assert!(message.as_object_mut().unwrap().remove("round").is_some_and(|it| it.is_u64()));
    let expected =
        json!({ "merchant": "m1", "endpoint": endpoint, "order": id, "version": 1, "attempt": 1 });
    assert_eq!(message, expected);
    app.runner.deliver("WebhookQueue").await.expect("a delivery");
    assert_eq!(versions(&receiver.received(), &id), [1]);
    assert!(app.runner.messages("WebhookQueue").is_empty());
}
