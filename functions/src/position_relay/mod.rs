//! Relays drivers' positions from the stream of `positions` to the clients that may see them now.
//!
//! A record only tells that a driver has moved. The function reads anew what it sends, so that a record
//! that comes late, after a reassignment, the end of a duty or a delivery, shows nothing. A position that
//! could not be sent is not sent again: the next one is better.

mod fleets;
mod views;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use clock::{Clock, Timestamp};
use db::{Consistency, Db, DbError, LastPosition, MovedDriver, Whereabouts};
use domain::{DriverId, Fix, Order, OrderId, Watch};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use self::fleets::Fleets;
use self::views::{Published, Targets};
use crate::deadline::until;
use crate::live::broadcast::Broadcast;
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
    fleets: Mutex<Fleets>,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Input, ()> + use<>, VariableError> {
    let db = env.db()?;
    let broadcast = Arc::new(Broadcast::new(db.clone(), env)?);
    let relay = Arc::new(PositionRelay {
        db,
        broadcast,
        clock: env.clock.clone(),
        fleets: Mutex::default(),
    });
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
        let targets = self.targets(&mut drivers).await?;
        let topics = drivers.iter().flat_map(|driver| targets.topics(driver));
        let subscribers = self.broadcast.subscribers(topics).await?;
        drivers.retain(|driver| targets.has_any(driver, &subscribers));
        let orders = drivers.iter().filter(|driver| targets.need_orders(driver, &subscribers));
        let orders = self.orders(orders).await?;
        let now = self.clock.now();
        let published = Published {
            drivers: &drivers,
            targets: &targets,
            subscribers: &subscribers,
            orders: &orders,
        };
        let pushes = published.pushes(now);
        let fresh = now.plus_seconds(FRESH_S);
        let until = Some(until.map_or(fresh, |until| until.min(fresh)));
        self.broadcast.send(pushes, until).await?;
        Ok(())
    }

    /// Returns the drivers whose positions are still those of the records, and watched.
    async fn watched(&self, moved: &BTreeMap<DriverId, Fix>) -> Result<Vec<Whereabouts>, DbError> {
        let mut drivers = self.whereabouts(moved.keys()).await?;
        let now = self.clock.now();
        drivers.retain(|driver| {
            let is_watched = |last: &LastPosition| last.watch(&driver.roster, now) != Watch::Nobody;
            let last = driver.last.as_ref().filter(|last| is_watched(last));
            last.is_some_and(|last| last.fix.as_ref() == moved.get(&driver.roster.driver))
        });
        Ok(drivers)
    }

    /// Returns the drivers who are published to followers of their orders and of their fleets now, and
    /// adds those who have waited for the latter.
    async fn targets(&self, drivers: &mut Vec<Whereabouts>) -> Result<Targets, DbError> {
        let now = self.clock.now();
        let (mut to_orders, mut of_fleets) = (BTreeSet::new(), Vec::new());
        for Whereabouts { roster, last, .. } in &*drivers {
            let Some(last) = last else { continue };
            if last.watch(roster, now) == Watch::Order {
                to_orders.insert(roster.driver.clone());
            }
            if last.fleet_watched_until > Some(now) {
                of_fleets.push((roster.fleet.clone(), roster.driver.clone()));
            }
        }
        let to_fleets = {
            let mut fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
            fleets.due(of_fleets, now)
        };
        let known: BTreeSet<_> = drivers.iter().map(|it| it.roster.driver.clone()).collect();
        drivers.extend(self.whereabouts(to_fleets.difference(&known)).await?);
        Ok(Targets { to_orders, to_fleets })
    }

    async fn whereabouts(
        &self,
        drivers: impl IntoIterator<Item = &DriverId>,
    ) -> Result<Vec<Whereabouts>, DbError> {
        let ids: Vec<_> = drivers.into_iter().cloned().collect();
        let mut found = Vec::new();
        for ids in ids.chunks(ITEMS) {
            found.extend(self.db.whereabouts_of(ids, Consistency::Strong).await?);
        }
        Ok(found)
    }

    /// Reads all orders of these drivers as they are now. One that cannot be parsed is left out.
    async fn orders(
        &self,
        drivers: impl Iterator<Item = &Whereabouts>,
    ) -> Result<HashMap<OrderId, Order>, DbError> {
        let ids: BTreeSet<_> = drivers.flat_map(|it| it.roster.orders.iter()).collect();
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
