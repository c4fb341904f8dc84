//! Plays the life of one order, with its merchant, its driver and its customer.

use std::time::Duration;

use emulator::meter::Usage;
use tokio::time::{sleep, timeout};
use waybill::Runner;

use super::client::{ClientError, DEADLINE, Person};
use super::reference;

/// The description of the life in the output.
pub(super) const WHAT: &str = "created, assigned, picked up, in transit, delivered; read 20 times; \
                               watched by two for 45 minutes";
/// The number of times that the order is read.
const READS: u32 = 20;
/// The number of HTTP requests in a life: a creation, four changes, and the reads.
pub(super) const HTTP_REQUESTS: u32 = 1 + 4 + READS;
/// The number of connections that are subscribed to the order.
pub(super) const WATCHERS: u32 = 2;
/// The duration of each connection in the bill; the measurement does not wait for it.
pub(super) const MINUTES: u32 = 45;

/// Plays a life on an otherwise idle runner, and returns what it consumed.
pub(super) async fn play(runner: &Runner) -> Result<Usage, ClientError> {
    runner.meter().take();
    let merchant = Person::new(runner, &reference::merchant())?;
    let customer = Person::new(runner, &reference::customer())?;
    let driver = Person::new(runner, &reference::driver(reference::DRIVER))?;

    let id = merchant.place(&reference::order()).await?;
    until("the creation is not published", runner, |usage| invocations(usage, "relay") == 1)
        .await?;
    let topic = format!("order:{id}");
    let mut watchers = [customer.listen(&topic).await?, merchant.listen(&topic).await?];
    for step in ["assigned", "picked_up", "in_transit", "delivered"] {
        match step {
            "assigned" => merchant.assign(&id, reference::DRIVER).await?,
            "delivered" => driver.deliver(&id).await?,
            status => driver.move_to(&id, status).await?,
        };
        for watcher in &mut watchers {
            watcher.next().await?;
        }
    }
    for _ in 0..READS {
        customer.get(&format!("/orders/{id}")).await?;
    }
    for watcher in watchers {
        watcher.close().await?;
    }
    let connects_and_disconnects = u64::from(2 * WATCHERS);
    until("the watchers have not disconnected", runner, |usage| {
        invocations(usage, "live-connect") == connects_and_disconnects
    })
    .await?;
    // The last invocation may still be running. For each connection `live-connect` makes four
    // requests: it stores and counts the connection, and on disconnect it deletes its row and the
    // subscription's row, and takes it out of the count.
    until("the connections are not deleted", runner, |usage| {
        let rows = usage.requests.iter().filter(|(it, _)| it.function == "live-connect");
        rows.map(|(_, count)| count).sum::<u64>() == u64::from(4 * WATCHERS)
    })
    .await?;
    Ok(runner.meter().take())
}

fn invocations(usage: &Usage, function: &str) -> u64 {
    usage.invocations.get(function).copied().unwrap_or_default()
}

/// Waits until `holds` is true of the runner's usage; `complaint` is the text of the error after
/// a timeout.
async fn until(
    complaint: &'static str,
    runner: &Runner,
    holds: impl Fn(&Usage) -> bool,
) -> Result<(), ClientError> {
    let waiting = async {
        while !holds(&runner.meter().so_far()) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(DEADLINE, waiting).await.map_err(|_| ClientError::Late(complaint, DEADLINE))
}
