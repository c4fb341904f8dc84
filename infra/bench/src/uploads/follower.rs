//! Those who follow the orders of drivers.

use clock::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::LAST_FRAME;
use super::driver::Driver;
use crate::costs::ClientError;
use crate::costs::client::Person;
use crate::costs::reference;
use crate::crowd::client::Client;
use crate::crowd::{CrowdError, person};

/// The number of followers who are prepared concurrently.
const AT_ONCE: usize = 16;

/// A position that a follower has heard of.
pub(super) struct Moved {
    /// The driver's number.
    pub(super) driver: usize,
    pub(super) at: Timestamp,
    pub(super) heard: Instant,
}

/// The part of a message that is parsed.
#[derive(Deserialize)]
struct Positions {
    #[serde(default)]
    positions: Vec<Position>,
}

#[derive(Deserialize)]
struct Position {
    at: Timestamp,
}

/// Somebody who follows an order of one driver.
pub(super) struct Follower {
    receiving: JoinHandle<Result<Vec<Moved>, CrowdError>>,
    /// The time of the last position that was heard of.
    last: watch::Receiver<Option<Timestamp>>,
    stop: CancellationToken,
}

/// Gives each of the first drivers an order that is on its way, and has it followed.
pub(super) async fn of(
    nobody: &Person,
    ops: &Person,
    drivers: &[Driver],
    count: u32,
) -> Result<Vec<Follower>, CrowdError> {
    let followers =
        drivers.iter().take(count as usize).enumerate().map(async |(number, driver)| {
            let order = ops.place(&reference::order()).await?;
            ops.assign(&order, &driver.id).await?;
            for status in ["picked_up", "in_transit"] {
                ops.move_to(&order, status).await?;
            }
            let person = person(nobody, "support", &format!("support-{number}")).await?;
            let client = Client::connect(&person, &format!("order:{order}"), None).await?;
            let stop = CancellationToken::new();
            let (newest, last) = watch::channel(None);
            let receiving = tokio::spawn(receive(client, number, newest, stop.clone()));
            Ok(Follower { receiving, last, stop })
        });
    stream::iter(followers).buffered(AT_ONCE).try_collect().await
}

async fn receive(
    mut client: Client,
    driver: usize,
    newest: watch::Sender<Option<Timestamp>>,
    stop: CancellationToken,
) -> Result<Vec<Moved>, CrowdError> {
    let mut moved = Vec::new();
    while let Some(text) = stop.run_until_cancelled(client.text()).await {
        let (heard, text) = (Instant::now(), text?);
        let Positions { positions } = serde_json::from_str(&text).map_err(ClientError::Json)?;
        moved.extend(positions.into_iter().map(|it| Moved { driver, at: it.at, heard }));
        newest.send_replace(moved.last().map(|moved| moved.at));
    }
    Ok(moved)
}

impl Follower {
    /// Returns what was heard until the position of this time, or until it is too late for that.
    pub(super) async fn heard_until(
        mut self,
        last: Option<Timestamp>,
    ) -> Result<Vec<Moved>, CrowdError> {
        // Whether it came is counted afterwards.
        let _late = timeout(LAST_FRAME, self.last.wait_for(|heard| *heard >= last)).await;
        self.stop.cancel();
        self.receiving.await?
    }
}
