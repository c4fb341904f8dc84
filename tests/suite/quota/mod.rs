//! Live delivery in an account whose quota of requests is scarce: nobody is disconnected for it,
//! and the HTTP API keeps its share.
//!
//! With `WHOLE=1`, as in `.ci/run-long`: 2,500 requests per second, four lanes, 2,000 listeners of
//! one topic, and 20 changes per second for a minute. By default a tenth of the quota, for
//! fewer listeners and a few seconds.

mod listener;
mod mute;

use std::time::{Duration, Instant};

use emulator::Account;
use futures_util::{StreamExt, stream};
use reqwest::Method;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use self::listener::{Listener, Versions};
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
/// The time in which all listeners connect.
const CONNECTING: Duration = Duration::from_mins(1);
/// The handshakes at once.
const HANDSHAKES: usize = 16;

/// The requests to the HTTP API.
#[derive(Default)]
struct Requests {
    made: usize,
    throttled: usize,
}

impl Requests {
    /// Changes one order of `ids` after another, for `time`; returns the versions that they have
    /// then.
    async fn change(&mut self, ops: &Client, ids: &[String], time: Duration) -> Versions {
        let mut versions = Versions::new();
        let (end, mut turn) = (Instant::now() + time, turns());
        for n in 0.. {
            turn.tick().await;
            if Instant::now() >= end {
                break;
            }
            let id = &ids[n % ids.len()];
            let driver = random::random_uuid().simple().to_string();
            let body = json!({ "driver": driver, "replace": true });
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

/// Returns the turns of changes. A machine that stalls makes none up for in a burst.
fn turns() -> Interval {
    let mut turns = interval(Duration::from_secs(1) / RATE);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    turns
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
            options.post_rate = post_rate;
        });
        let app = app.await;
        let ops = app.ops().await;
        let merchant = app.client(people::merchant("m1")).await;
        let url = app.runner.live_url();
        let connecting =
            stream::iter(0..listeners).map(|_| Listener::connect(&url, merchant.token()));
        let connecting = connecting.buffer_unordered(HANDSHAKES).collect();
        let listeners = timeout(CONNECTING, connecting).await.expect("everybody in time");
        // As often as the changes come, which leaves a part of the quota to them.
        let (mut ids, mut turn) = (Vec::new(), turns());
        while ids.len() < ORDERS {
            turn.tick().await;
            let request = ops.request(Method::POST, "/orders").json(&order("m1", "c1"));
            let response = ops.send_elsewhere(request).await;
            if response.status != 429 {
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
    let (quota, listeners, seconds) = if is_whole() { (2500, 2000, 60) } else { (250, 100, 4) };
    (quota, listeners, Duration::from_secs(seconds))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_leaves_a_part_of_the_quota_disturbs_nobody() {
    let (quota, listeners, time) = size();
    let course = Scene::start(quota, quota / 5 * 4, listeners).await.play(time).await;
    println!(
        "{quota} requests/s, four fifths of them for the relay, {listeners} listeners: {course:.1?}"
    );
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
    assert!(course.throttled > 0, "the quota is used up: {course:?}");
    assert!(course.converged <= CONVERGENCE, "{course:?}");
}
