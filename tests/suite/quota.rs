//! Live delivery in an account whose quota of requests is scarce: nobody is disconnected for it,
//! and the HTTP API keeps its share.
//!
//! With `WHOLE=1`, as in `.ci/run-long`: 2,500 requests per second, four lanes, 2,000 listeners of
//! one topic, and 20 changes per second for a minute. By default a tenth of the quota, for
//! fewer listeners and a few seconds.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clock::{Clock, Timestamp};
use emulator::Account;
use futures_util::{SinkExt, StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::harness::chance::is_whole;
use crate::harness::{App, Client, id_of, order, people};

/// The orders that are changed in turn.
const ORDERS: usize = 40;
/// The changes per second.
const RATE: u32 = 20;
/// The time from a commit to its message that 99 of 100 messages do not exceed.
const P99: Duration = Duration::from_secs(15);
/// The time from the last change until everybody has it.
const CONVERGENCE: Duration = Duration::from_secs(30);
/// The handshakes at once.
const HANDSHAKES: usize = 16;

/// The versions of orders, by id.
type Versions = BTreeMap<String, u64>;

/// A client that follows one topic and only notes what it is told.
struct Listener(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Listener {
    /// Connects and subscribes; tries again while the account is throttled.
    async fn connect(url: &str, token: &str) -> Self {
        loop {
            let mut request = url.into_client_request().expect("a WebSocket URL");
            let value = format!("Bearer {token}").parse().expect("a header");
            request.headers_mut().insert("authorization", value);
            let Ok((mut socket, _)) = connect_async(request).await else { continue };
            let subscribe = json!({ "action": "subscribe", "topic": "merchant:m1" });
            socket.send(Message::text(subscribe.to_string())).await.expect("an open socket");
            let response = socket.next().await.expect("a response").expect("an open socket");
            if response.to_text().expect("text").contains("subscribed") {
                return Self(socket);
            }
        }
    }

    /// Listens until it has these versions. Returns the time from each commit to its message, and
    /// fails if the connection ends.
    async fn listen(mut self, mut last: watch::Receiver<Option<Versions>>) -> Vec<Duration> {
        let (mut delays, mut known) = (Vec::new(), Versions::new());
        loop {
            let is_over = last.borrow_and_update().as_ref().is_some_and(|last| *last == known);
            if is_over {
                return delays;
            }
            let message = tokio::select! {
                _ = last.changed() => continue,
                message = self.0.next() => message.expect("an open connection"),
            };
            let Message::Text(text) = message.expect("an open connection") else { continue };
            let message: Value = serde_json::from_str(&text).expect("a message");
            let now = Clock::system().now().epoch_millis();
            for event in message["events"].as_array().into_iter().flatten() {
                let at = event["at"].as_str().and_then(Timestamp::parse).expect("a time");
                let delay = now.saturating_sub(at.epoch_millis()).try_into().unwrap_or(0);
                delays.push(Duration::from_millis(delay));
                let id = event["order_id"].as_str().expect("an id").to_owned();
                let known = known.entry(id).or_default();
                *known = event["version"].as_u64().expect("a version").max(*known);
            }
        }
    }
}

/// The requests to the HTTP API.
#[derive(Default)]
struct Requests {
    made: usize,
    throttled: usize,
}

impl Requests {
    /// Changes one order of `ids` after another, for `time`; returns the versions at the end.
    async fn change(&mut self, ops: &Client, ids: &[String], time: Duration) -> Versions {
        let mut versions: Versions = ids.iter().map(|id| (id.clone(), 1)).collect();
        let (end, mut turn) = (Instant::now() + time, interval(Duration::from_secs(1) / RATE));
        for n in 0.. {
            turn.tick().await;
            if Instant::now() >= end {
                break;
            }
            let id = &ids[n % ids.len()];
            let body = json!({ "driver": format!("d{n}"), "replace": true });
            let path = format!("/orders/{id}/assign");
            let response = ops.send_elsewhere(ops.request(Method::POST, &path).json(&body)).await;
            self.made += 1;
            if response.status == 429 {
                self.throttled += 1;
                continue;
            }
            let order = response.expect(200);
            versions.insert(id.clone(), order["version"].as_u64().expect("a version"));
        }
        versions
    }
}

/// Listeners of one topic in an account with a quota.
struct Scene {
    app: App,
    ops: Client,
    ids: Vec<String>,
    listeners: Vec<Listener>,
}

/// The course of a scene.
#[derive(Debug)]
struct Course {
    made: usize,
    throttled: usize,
    p99: Duration,
    converged: Duration,
}

impl Scene {
    async fn start(quota: u32, post_rate: u32, listeners: usize) -> Self {
        let app = App::start_with(|options| {
            options.account = Account::with_quota(quota);
            options.parameters.insert("PostRate".to_owned(), post_rate.to_string());
        });
        let app = app.await;
        let ops = app.ops().await;
        let merchant = app.client(people::merchant("m1")).await;
        let url = app.runner.live_url();
        let connecting =
            stream::iter(0..listeners).map(|_| Listener::connect(&url, merchant.token()));
        let listeners = connecting.buffer_unordered(HANDSHAKES).collect().await;
        let mut ids = Vec::new();
        while ids.len() < ORDERS {
            let request = ops.request(Method::POST, "/orders").json(&order("m1", "c1"));
            let response = ops.send_elsewhere(request).await;
            if response.status == 201 {
                ids.push(id_of(&response.expect(201)));
            }
        }
        Self { app, ops, ids, listeners }
    }

    /// Changes orders for a time, and waits until every listener has all of it.
    async fn play(self, time: Duration) -> Course {
        let (tell, last) = watch::channel(None);
        let mut listens = JoinSet::new();
        for listener in self.listeners {
            listens.spawn(listener.listen(last.clone()));
        }
        let mut requests = Requests::default();
        let versions = requests.change(&self.ops, &self.ids, time).await;
        tell.send(Some(versions)).expect("listeners");
        let (changed, mut delays) = (Instant::now(), Vec::new());
        while let Some(listened) = timeout(CONVERGENCE, listens.join_next()).await.expect("in time")
        {
            delays.extend(listened.expect("a connection that stays open"));
        }
        let converged = changed.elapsed();
        delays.sort();
        self.app.runner.shutdown().await;
        let p99 = delays[delays.len() * 99 / 100];
        Course { made: requests.made, throttled: requests.throttled, p99, converged }
    }
}

/// Returns the quota, the number of listeners, and the time of changes.
fn size() -> (u32, usize, Duration) {
    let (quota, listeners, seconds) = if is_whole() { (2500, 2000, 60) } else { (250, 150, 5) };
    (quota, listeners, Duration::from_secs(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_leaves_half_of_the_quota_disturbs_nobody() {
    let (quota, listeners, time) = size();
    let course = Scene::start(quota, quota / 2, listeners).await.play(time).await;
    println!("{quota} requests/s, half of them for the relay, {listeners} listeners: {course:.1?}");
    let Course { made, throttled, p99, converged } = course;
    assert!(throttled * 100 <= made, "{throttled} of {made} requests were throttled");
    assert!(p99 <= P99 && converged <= CONVERGENCE, "{course:?}");
}

/// The operator did not fit the relay to the account, so the HTTP API suffers, but nobody is
/// disconnected.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_is_throttled_disconnects_nobody() {
    let (quota, listeners, time) = size();
    let course = Scene::start(quota, quota * 4, listeners).await.play(time / 2).await;
    println!("{quota} requests/s, the relay wants four times as many: {course:.1?}");
    assert!(course.converged <= CONVERGENCE, "{course:?}");
}
