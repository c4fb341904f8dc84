//! One order's life, played as its people live it.

use std::time::Duration;

use emulator::meter::Usage;
use tokio::time::{sleep, timeout};
use waybill::Runner;

use super::client::{ClientError, DEADLINE, Person};
use super::reference;

/// The description of a life.
pub(super) const WHAT: &str = "created, assigned, picked up, in transit, delivered; read 20 times; \
                               watched by two for 45 minutes";
/// How often the order is read.
const READS: u32 = 20;
/// How many requests over HTTP that makes: a creation, four changes, and the reads.
pub(super) const HTTP_REQUESTS: u32 = 1 + 4 + READS;
/// How many connections listen to the order.
pub(super) const WATCHERS: u32 = 2;
/// How long each of them lasts; the bill counts it, nobody waits for it.
pub(super) const MINUTES: u32 = 45;

/// Plays a life on a runner that does nothing else, and meters it.
pub(super) async fn play(runner: &Runner) -> Result<Usage, ClientError> {
    runner.meter().take();
    let merchant = Person::new(runner, &reference::merchant())?;
    let customer = Person::new(runner, &reference::customer())?;
    let driver = Person::new(runner, &reference::driver())?;

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
    // The last of them is still at work: it puts the connection's row, and in the end
    // deletes that one and its subscription's.
    until("the connections are not deleted", runner, |usage| {
        let rows = usage.requests.iter().filter(|(it, _)| it.function == "live-connect");
        rows.map(|(_, count)| count).sum::<u64>() == u64::from(3 * WATCHERS)
    })
    .await?;
    Ok(runner.meter().take())
}

fn invocations(usage: &Usage, function: &str) -> u64 {
    usage.invocations.get(function).copied().unwrap_or_default()
}

/// Waits for what the runner does by itself; `complaint` is what is said if it does not.
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
