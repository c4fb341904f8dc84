//! One principal cannot have many connections, and connections that read nothing delay nobody.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::listener::Listener;
use super::{HANDSHAKES, ORDERS, Requests};
use crate::harness::chance::is_whole;
use crate::harness::{App, Live, id_of, order, people};

/// The connections that a principal may have.
const BOUND: usize = 20;
/// The principals whose connections read nothing.
const MUTE: usize = 5;
/// The handshakes of a principal that wants all connections for itself.
const TRIES: usize = 1000;

/// Returns a person of the merchant m1.
fn person(name: &str) -> Value {
    let mut person = people::merchant("m1");
    person["id"] = name.into();
    person
}

/// People who listen to the merchant's orders.
struct Others {
    app: App,
    ids: Vec<String>,
    count: usize,
}

impl Others {
    async fn start(count: usize) -> Self {
        let bound = u32::try_from(BOUND).expect("32 bits");
        let app = App::start_with(|options| options.connections_per_principal = bound).await;
        let ops = app.ops().await;
        let mut ids = Vec::new();
        for _ in 0..ORDERS {
            ids.push(id_of(&ops.create(&order("m1", "c1")).await.expect(201)));
        }
        Self { app, ids, count }
    }

    /// Returns the 99th percentile of the time from a commit to its message.
    async fn p99(&self, time: Duration) -> Duration {
        let (tell, last) = watch::channel(None);
        let mut listens = JoinSet::new();
        for number in 0..self.count {
            let client = self.app.client(person(&format!("other{number}"))).await;
            let listener = Listener::connect(&self.app.runner.live_url(), client.token()).await;
            listens.spawn(listener.listen(last.clone()));
        }
        let ops = self.app.ops().await;
        let versions = Requests::default().change(&ops, &self.ids, time).await;
        tell.send(Some(versions)).expect("listeners");
        let delays = listens.join_all().await;
        let mut delays: Vec<_> = delays.into_iter().flatten().collect();
        delays.sort();
        delays[delays.len() * 99 / 100]
    }

    /// Connects as often as a principal may, and never reads.
    async fn mute(&self) -> Vec<Listener> {
        let mut connected = Vec::new();
        for number in 0..MUTE {
            let client = self.app.client(person(&format!("mute{number}"))).await;
            for _ in 0..BOUND {
                let url = self.app.runner.live_url();
                connected.push(Listener::connect(&url, client.token()).await);
            }
        }
        connected
    }

    /// Tries to open many connections, and returns those that were opened and the number of the
    /// others.
    async fn crowd(&self) -> (Vec<Live>, usize) {
        let client = self.app.client(person("crowd")).await;
        let url = self.app.runner.live_url();
        let tries = stream::iter(0..TRIES).map(|_| Live::connect(&url, Some(client.token())));
        let tries: Vec<_> = tries.buffer_unordered(HANDSHAKES).collect().await;
        let (mut opened, mut refused) = (Vec::new(), 0);
        for tried in tries {
            match tried {
                Ok(live) => opened.push(live),
                Err(429) => refused += 1,
                Err(status) => panic!("refused with {status}"),
            }
        }
        client.post("/live/tickets", &Value::Null).await.problem(429, "too-many-connections");
        (opened, refused)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_connections_of_few_delay_nobody() {
    let (count, seconds) = if is_whole() { (100, 60) } else { (10, 3) };
    let (others, time) = (Others::start(count).await, Duration::from_secs(seconds));
    let alone = others.p99(time).await;
    let mute = others.mute().await;
    let (beside, (opened, refused)) = tokio::join!(others.p99(time), others.crowd());
    drop(mute);
    let again = others.p99(time).await;
    println!(
        "p99 of {count} listeners: alone {alone:.1?} and {again:.1?}, beside {MUTE} principals with {BOUND} mute \
         connections each, and one that tried {TRIES}: {beside:.1?}"
    );
    assert_eq!((opened.len(), refused), (BOUND, TRIES - BOUND));
    // Other tests that run at the same time would decide it.
    if is_whole() {
        let alone = alone.max(again);
        assert!(beside <= alone.mul_f64(1.1), "{beside:?}, alone {alone:?}");
    }
}
