//! Those who follow the orders of drivers.

use clock::Timestamp;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::driver::Driver;
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
            let receiving = tokio::spawn(receive(client, number, stop.clone()));
            Ok(Follower { receiving, stop })
        });
    stream::iter(followers).buffered(AT_ONCE).try_collect().await
}

async fn receive(
    mut client: Client,
    driver: usize,
    stop: CancellationToken,
) -> Result<Vec<Moved>, CrowdError> {
    let mut moved = Vec::new();
    while let Some(text) = stop.run_until_cancelled(client.text()).await {
        let (heard, text) = (Instant::now(), text?);
        let Positions { positions } =
            serde_json::from_str(&text).map_err(crate::costs::ClientError::Json)?;
        moved.extend(positions.into_iter().map(|it| Moved { driver, at: it.at, heard }));
    }
    Ok(moved)
}

impl Follower {
    /// Returns what was heard until now.
    pub(super) async fn stop(self) -> Result<Vec<Moved>, CrowdError> {
        self.stop.cancel();
        self.receiving.await?
    }
}
