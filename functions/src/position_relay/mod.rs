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
use db::{Consistency, Db, DbError, MovedDriver, Whereabouts};
use domain::topics::Topic;
use domain::{DriverId, Fix, Order, OrderId, Watch};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::Value;

use self::fleets::Fleets;
use self::views::Published;
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
        let to_fleets = self.to_fleets(&mut drivers).await?;
        let fleets = drivers.iter().filter(|it| to_fleets.contains(&it.roster.driver));
        let fleets = fleets.map(|driver| Topic::Fleet(driver.roster.fleet.clone()));
        let orders = drivers.iter().flat_map(|driver| driver.roster.orders.iter());
        let topics = orders.map(|order| Topic::Order(*order)).chain(fleets);
        let subscribers = self.broadcast.subscribers(topics).await?;
        drivers.retain(|driver| is_followed(driver, &to_fleets, &subscribers));
        let orders = self.orders(&drivers).await?;
        let now = self.clock.now();
        let published = Published {
            drivers: &drivers,
            to_fleets: &to_fleets,
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
            let last = driver.last.as_ref().filter(|last| last.watch(now) != Watch::Nobody);
            last.is_some_and(|last| last.fix.as_ref() == moved.get(&driver.roster.driver))
        });
        Ok(drivers)
    }

    /// Returns those of the watched drivers who are published to their fleets now, and adds the drivers
    /// of these fleets who waited for that.
    async fn to_fleets(
        &self,
        drivers: &mut Vec<Whereabouts>,
    ) -> Result<BTreeSet<DriverId>, DbError> {
        let now = self.clock.now();
        let with_fleet = drivers.iter().filter(|driver| {
            driver.last.as_ref().is_some_and(|last| last.fleet_watched_until > Some(now))
        });
        let with_fleet = with_fleet.map(|it| (it.roster.fleet.clone(), it.roster.driver.clone()));
        let due = {
            let mut fleets = self.fleets.lock().unwrap_or_else(PoisonError::into_inner);
            fleets.due(with_fleet, now)
        };
        let known: BTreeSet<_> = drivers.iter().map(|it| it.roster.driver.clone()).collect();
        drivers.extend(self.whereabouts(due.difference(&known)).await?);
        Ok(due)
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

fn is_followed(
    Whereabouts { roster, .. }: &Whereabouts,
    to_fleets: &BTreeSet<DriverId>,
    subscribers: &Subscribers,
) -> bool {
    let has_any = |topic| subscribers.get(&topic).is_some_and(|found| !found.is_empty());
    let is_of_fleet = to_fleets.contains(&roster.driver);
    roster.orders.iter().any(|order| has_any(Topic::Order(*order)))
        || (is_of_fleet && has_any(Topic::Fleet(roster.fleet.clone())))
}
