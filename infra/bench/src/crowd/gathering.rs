//! Connects the clients, and collects the messages that they receive.

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

/// The number of clients that connect concurrently.
const CONNECTING: usize = 16;
/// The time to wait for duplicates, after all changes have arrived once.
const AFTERMATH: Duration = Duration::from_millis(500);

/// Returns a client with a token from the runner's `POST /dev/token`.
pub(crate) async fn person(nobody: &Person, role: &str, id: &str) -> Result<Person, ClientError> {
    let merchant = (role == "merchant").then_some(reference::MERCHANT);
    let whom = json!({ "role": role, "id": id, "merchant": merchant });
    let response = nobody.post("/dev/token", &whom).await?;
    Ok(nobody.with_token(response["token"].as_str().unwrap_or_default()))
}

/// Connects a client that receives all changes. Of ten clients, one is ops, one is support and
/// eight are the merchant's; each is a different principal.
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

/// Clients that receive messages.
pub(super) struct Gathering {
    clients: Vec<JoinHandle<Result<Received, CrowdError>>>,
    count: Arc<AtomicUsize>,
    stop: CancellationToken,
}

impl Gathering {
    /// Connects and subscribes `clients` clients.
    pub(super) async fn of(nobody: &Person, clients: usize) -> Result<Self, CrowdError> {
        let (count, stop) = (Arc::new(AtomicUsize::new(0)), CancellationToken::new());
        let connecting = stream::iter(0..clients)
            .map(|number| connect(nobody, number, None))
            .buffer_unordered(CONNECTING)
            .map_ok(|client| tokio::spawn(client.receive(Arc::clone(&count), stop.clone())));
        let clients = connecting.try_collect().await?;
        Ok(Self { clients, count, stop })
    }

    /// Returns the messages of each client, once the clients have received `changes` changes
    /// each, or after a timeout.
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
