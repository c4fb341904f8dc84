//! A merchant whose endpoint is slow does not delay the messages of another.

use std::time::Duration;

use clock::{Clock, Timestamp};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, interval};

use super::receiver::{Answer, Received};
use super::{Receiver, Webhook, versions};
use crate::harness::{App, Client, chance, eventually, id_of, order, people};

/// The number of versions of the order whose messages are replayed.
const VERSIONS: u64 = 20;

/// The time between two changes of the other merchant.
const PACE: Duration = Duration::from_millis(250);

/// The time from a change to its receipt that 95 of 100 messages keep.
const P95: Duration = Duration::from_secs(1);

/// The time at which the endpoint was known to be slow, and that at which the test ends.
type End = (Timestamp, Instant);

/// The load that the slow endpoint causes. More messages than the invocations of the usual
/// queue take at once: 50 batches of 10.
#[derive(Debug)]
struct Load {
    messages: usize,
    /// The time until the endpoint answers.
    answer: Duration,
    /// The time for which the other merchant's orders change, from when the endpoint is known to be
    /// slow.
    during: Duration,
}

impl Load {
    fn of_this_run() -> Self {
        let (messages, answer, during) =
            if chance::is_whole() { (10_000, 14, 60) } else { (600, 3, 5) };
        let seconds = Duration::from_secs;
        Self { messages, answer: seconds(answer), during: seconds(during) }
    }
}

/// Until the endpoint is known to be slow, its messages hold all invocations for two seconds: a
/// share of a minute that the 95th percentile allows, and the run that is whole counts it. A short
/// run counts from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_endpoint_does_not_delay_those_of_others() {
    let load = Load::of_this_run();
    let app = App::start().await;
    let (slow, quick) = (Receiver::start().await, Receiver::start().await);
    let of_slow = app.client(people::merchant("m1")).await;
    let of_quick = app.client(people::merchant("m2")).await;
    let webhook = Webhook::create(&of_slow, &slow, json!({ "events": ["order.created"] })).await;
    let changed = order_with_versions(&app, "m1").await;
    Webhook::of("m2", &of_quick, &quick, json!({})).await;
    slow.answer(vec![Answer::Late(204, load.answer); load.messages + 1]);

    let (known, is_known) = watch::channel(None);
    let begin = async {
        fill(&of_slow, &webhook, &changed, load.messages).await;
        eventually("the endpoint is known to be slow", async || {
            !app.runner.messages("SlowWebhookQueue").is_empty()
        })
        .await;
        let now = (Clock::system().now(), Instant::now() + load.during);
        known.send_replace(Some(now));
        now.0
    };
    let (since, ()) = tokio::join!(begin, keep_changing(&app, &quick, is_known));

    let waiting = ["WebhookQueue", "SlowWebhookQueue"].map(|it| app.runner.messages(it).len());
    println!("{load:?}: {waiting:?} messages still wait, {} were sent", slow.received().len());
    assert!(waiting.iter().sum::<usize>() > 0, "the endpoint was busy all the time");
    let received = quick.received();
    let all = Percentiles::of(&received, Timestamp::from_epoch_seconds(0).expect("1970"));
    let then = Percentiles::of(&received, since);
    println!("the other's messages: {all:?}; once the endpoint was known to be slow: {then:?}");
    // Beside other tests, a message only must not wait for the answer of the slow endpoint.
    let (counted, bound) = if chance::is_whole() { (all, P95) } else { (then, load.answer) };
    assert!(counted.p95 < bound, "{counted:?}");
}

/// Creates an order of a merchant and changes its driver until it has [`VERSIONS`].
async fn order_with_versions(app: &App, merchant: &str) -> String {
    let ops = app.ops().await;
    let mut order = ops.create(&order(merchant, "c1")).await.expect(201);
    let id = id_of(&order);
    for driver in ["d1", "d2"].into_iter().cycle() {
        if order["version"].as_u64() >= Some(VERSIONS) {
            break;
        }
        order = ops.replace_driver(&id, driver).await.expect(200);
    }
    id
}

/// Replays an order until so many messages are queued.
async fn fill(client: &Client, webhook: &Webhook, order: &str, messages: usize) {
    let (path, body) = (format!("{}/replay", webhook.path), json!({ "order": order }));
    let mut filled = 0;
    while filled < messages {
        let queued = client.post(&path, &body).await.expect(202)["queued"].as_u64();
        filled += usize::try_from(queued.expect("a number")).expect("a number");
    }
}

/// Changes an order of the other merchant at a steady pace until the end that it is told, and waits
/// for all messages of it.
async fn keep_changing(app: &App, receiver: &Receiver, end: watch::Receiver<Option<End>>) {
    let ops = app.ops().await;
    let id = id_of(&ops.create(&order("m2", "c1")).await.expect(201));
    let (mut pace, mut last) = (interval(PACE), 1);
    let goes_on = || end.borrow().is_none_or(|(_, end)| Instant::now() < end);
    for driver in ["d1", "d2"].into_iter().cycle().take_while(|_| goes_on()) {
        pace.tick().await;
        last = ops.replace_driver(&id, driver).await.expect(200)["version"].as_u64().unwrap();
    }
    eventually("every message of the other", async || {
        let told = versions(&receiver.received(), &id);
        (1..=last).all(|version| told.contains(&version))
    })
    .await;
}

/// The percentiles of the times from events to the receipts of their messages.
#[derive(Debug)]
#[expect(dead_code, reason = "they are printed")]
struct Percentiles {
    count: usize,
    p50: Duration,
    p95: Duration,
    max: Duration,
}

impl Percentiles {
    /// Those of the events from `since` on.
    fn of(received: &[Received], since: Timestamp) -> Self {
        let times = received.iter().map(|message| {
            let body = message.json();
            let at = body["data"]["event"]["at"].as_str().and_then(Timestamp::parse);
            (at.expect("a time"), message.at)
        });
        let millis = times
            .filter(|(at, _)| *at >= since)
            .map(|(at, received)| received.epoch_millis() - at.epoch_millis());
        let mut delays: Vec<_> =
            millis.map(|it| Duration::from_millis(it.try_into().unwrap_or_default())).collect();
        delays.sort();
        let at = |percent: usize| delays[(delays.len() - 1) * percent / 100];
        Self { count: delays.len(), p50: at(50), p95: at(95), max: at(100) }
    }
}
