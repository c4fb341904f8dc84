//! Relays drivers' positions from the stream of `positions` to the clients that may see them now.
//!
//! A record only tells that a driver has moved. The function reads anew what it sends, so that a record
//! that comes late, after a reassignment, the end of a duty or a delivery, shows nothing. A position that
//! could not be sent is not sent again: the next one is better.

mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use clock::{Clock, Timestamp};
use db::{Consistency, Db, DbError, MovedDriver, Whereabouts};
use domain::topics::Topic;
use domain::{DriverId, Fix, Order, OrderId};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use crate::deadline::until;
use crate::live::broadcast::{Broadcast, Subscribers};
use crate::{Environment, EventService, VariableError};

/// The number of items that one request reads: `DynamoDB`'s limit for a batch.
const ITEMS: usize = 100;

/// The time for which positions are posted after they were read, in seconds. After that they may not be
/// for everybody any more, and others have come.
const FRESH_S: i64 = 3;

/// The time before the function's timeout at which nothing more is posted, in seconds. It is longer
/// than the requests that are under way take.
const RESERVE: i64 = 10;

/// The input of the relay: a batch of the stream of `positions`.
#[derive(Debug, Deserialize)]
pub(crate) struct Input {
    #[serde(rename = "Records")]
    records: Vec<Value>,
}

struct PositionRelay {
    db: Db,
    broadcast: Arc<Broadcast>,
    clock: Clock,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Input, ()> + use<>, VariableError> {
    let db = env.db()?;
    let broadcast = Arc::new(Broadcast::new(db.clone(), env)?);
    let relay = Arc::new(PositionRelay { db, broadcast, clock: env.clock.clone() });
    Ok(service_fn(move |event: LambdaEvent<Input>| {
        let relay = Arc::clone(&relay);
        async move {
            let until = until(&event, RESERVE);
            relay.relay(&event.payload.records, until).await
        }
    }))
}

impl PositionRelay {
    async fn relay(&self, records: &[Value], until: Option<Timestamp>) -> Result<(), Error> {
        let moved = moved(records);
        let mut drivers = self.watched(&moved).await?;
        let orders = drivers.iter().flat_map(|driver| driver.roster.orders.iter());
        let topics = orders.map(|order| Topic::Order(*order));
        let subscribers = self.broadcast.subscribers(topics).await?;
        drivers.retain(|driver| is_followed(driver, &subscribers));
        let orders = self.orders(&drivers).await?;
        let now = self.clock.now();
        let pushes = views::pushes(&drivers, &subscribers, &orders, now);
        let fresh = now.plus_seconds(FRESH_S);
        let until = Some(until.map_or(fresh, |until| until.min(fresh)));
        self.broadcast.send(pushes, until).await?;
        Ok(())
    }

    /// Returns the drivers whose positions are still those of the records, and watched.
    async fn watched(&self, moved: &BTreeMap<DriverId, Fix>) -> Result<Vec<Whereabouts>, DbError> {
        let ids: Vec<_> = moved.keys().cloned().collect();
        let mut drivers = Vec::new();
        for ids in ids.chunks(ITEMS) {
            drivers.extend(self.db.whereabouts_of(ids, Consistency::Strong).await?);
        }
        let now = self.clock.now();
        drivers.retain(|driver| {
            let last = driver.last.as_ref().filter(|last| last.is_watched(now));
            last.is_some_and(|last| last.fix.as_ref() == moved.get(&driver.roster.driver))
        });
        Ok(drivers)
    }

    /// Reads all orders of these drivers as they are now. One that cannot be read is left out.
    async fn orders(&self, drivers: &[Whereabouts]) -> Result<HashMap<OrderId, Order>, DbError> {
        let ids: BTreeSet<_> = drivers.iter().flat_map(|it| it.roster.orders.iter()).collect();
        let ids: Vec<_> = ids.into_iter().copied().collect();
        let mut orders = HashMap::new();
        for ids in ids.chunks(ITEMS) {
            for (id, head) in self.db.each_head(ids, Consistency::Strong).await? {
                match head {
                    Ok(head) => drop(orders.insert(id, head.order)),
                    Err(error) => {
                        tracing::error!(order.id = %id, %error, "an order cannot be parsed");
                    }
                }
            }
        }
        Ok(orders)
    }
}

/// Returns the last position of each driver in a batch. A record that cannot be parsed is logged and
/// skipped: there is no position in it to be sent later.
fn moved(records: &[Value]) -> BTreeMap<DriverId, Fix> {
    let mut moved = BTreeMap::new();
    for record in records {
        match MovedDriver::from_image(&record["dynamodb"]["NewImage"]) {
            Ok(MovedDriver { driver_id, fix }) => {
                moved.extend(fix.map(|fix| (driver_id, fix)));
            }
            Err(error) => tracing::error!(%error, "a position cannot be parsed"),
        }
    }
    moved
}

fn is_followed(driver: &Whereabouts, subscribers: &Subscribers) -> bool {
    driver.roster.orders.iter().any(|order| {
        subscribers.get(&Topic::Order(*order)).is_some_and(|subscribers| !subscribers.is_empty())
    })
}
