//! Getting the clients to listen, and what they heard.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::CrowdError;
use super::client::{Client, Received};
use crate::costs::client::{DEADLINE, Person};
use crate::costs::{ClientError, reference};

/// How many clients connect at once.
const CONNECTING: usize = 16;
/// How long is listened for what comes twice, after all has come once.
const AFTERMATH: Duration = Duration::from_millis(500);

/// Somebody with a token, by the runner's way of making tokens.
pub(super) async fn person(nobody: &Person, role: &str, id: &str) -> Result<Person, ClientError> {
    let merchant = (role == "merchant").then_some(reference::MERCHANT);
    let whom = json!({ "role": role, "id": id, "merchant": merchant });
    let response = nobody.post("/dev/token", &whom).await?;
    Ok(nobody.with_token(response["token"].as_str().unwrap_or_default()))
}

/// Connects a client that hears all changes: of ten, one of ops, one of support
/// and eight of the merchant, each somebody else.
pub(super) async fn connect(
    nobody: &Person,
    number: usize,
    buffer: Option<u32>,
) -> Result<Client, CrowdError> {
    let (role, topic) = match number % 10 {
        0 => ("ops", "orders".to_owned()),
        1 => ("support", "orders".to_owned()),
        _ => ("merchant", format!("merchant:{}", reference::MERCHANT)),
    };
    let person = person(nobody, role, &format!("{role}-{number}")).await?;
    Client::connect(&person, &topic, buffer).await
}

/// Clients that listen.
pub(super) struct Gathering {
    clients: Vec<JoinHandle<Result<Received, CrowdError>>>,
    count: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl Gathering {
    /// So many clients, all subscribed.
    pub(super) async fn of(nobody: &Person, clients: usize) -> Result<Self, CrowdError> {
        let (count, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let connecting = stream::iter(0..clients)
            .map(|number| connect(nobody, number, None))
            .buffer_unordered(CONNECTING)
            .map_ok(|client| tokio::spawn(client.receive(Arc::clone(&count), stop.clone())));
        let clients = connecting.try_collect().await?;
        Ok(Self { clients, count, stop })
    }

    /// What they heard, after each has heard that many changes, or some do not.
    pub(super) async fn received(self, changes: usize) -> Result<Vec<Received>, CrowdError> {
        let all = self.clients.len() * changes;
        let waiting = async {
            while self.count.load(Ordering::Relaxed) < all {
                sleep(Duration::from_millis(1)).await;
            }
            sleep(AFTERMATH).await;
        };
        // Messages that arrive later are counted as lost.
        let _late = timeout(DEADLINE, waiting).await;
        self.stop.cancel();
        try_join_all(self.clients).await?.into_iter().collect()
    }
}
