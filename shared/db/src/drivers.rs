//! The rosters and the profiles of drivers.
//!
//! A roster is changed by its fleet, by its driver, by the commits of orders, which add and remove an
//! order, and by uploads of positions, which move the driver to another cell. None of them writes what
//! the others do, but for the beginning of a duty, which takes the driver out of its cell.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use clock::Timestamp;
use domain::{Capacity, DriverId, Duty, Fleet, OrderId, Profile, Roster, Vehicle, Version};
use serde::{Deserialize, Serialize};

use crate::retry::if_met;
use crate::transaction::NotMade;
use crate::{Consistency, Db, DbError, Item, Position, Whereabouts, keys};

/// A driver as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDriver {
    pub roster: Roster,
    pub profile: Profile,
}

/// A page of a fleet's drivers.
#[derive(Clone, Debug)]
pub struct DriverPage {
    pub drivers: Vec<StoredDriver>,
    /// The position of the next page; `None` on the last one.
    pub next: Option<Position>,
}

/// The roster among the items of a driver.
#[derive(Serialize, Deserialize)]
struct RosterItem {
    driver_id: DriverId,
    fleet: Fleet,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on_duty_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_duty: Option<Duty>,
    vehicle: Vehicle,
    capacity: Capacity,
    /// A string set; absent while it would be empty, which DynamoDB does not store.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    orders: BTreeSet<OrderId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_left_at: Option<Timestamp>,
    version: u64,
}

impl From<RosterItem> for Roster {
    fn from(item: RosterItem) -> Self {
        Self {
            driver: item.driver_id,
            fleet: item.fleet,
            on_duty_since: item.on_duty_since,
            last_duty: item.last_duty,
            vehicle: item.vehicle,
            capacity: item.capacity,
            orders: item.orders,
            order_left_at: item.order_left_at,
            version: Version(item.version),
        }
    }
}

impl From<&Roster> for RosterItem {
    fn from(roster: &Roster) -> Self {
        let Roster { driver, fleet, on_duty_since, last_duty, vehicle, capacity, version, .. } =
            roster.clone();
        Self {
            driver_id: driver,
            fleet,
            on_duty_since,
            last_duty,
            vehicle,
            capacity,
            orders: BTreeSet::new(),
            order_left_at: None,
            version: version.0,
        }
    }
}

fn roster_item(roster: &Roster) -> Result<Item, DbError> {
    let mut item = keys::roster(&roster.driver);
    item.extend(serde_dynamo::to_item::<_, Item>(RosterItem::from(roster))?);
    Ok(item)
}

pub(super) fn roster(item: Item) -> Result<Roster, DbError> {
    Ok(serde_dynamo::from_item::<_, RosterItem>(item)?.into())
}

fn profile(item: Item) -> Result<Profile, DbError> {
    Ok(serde_dynamo::from_item::<_, Profile>(item)?)
}

/// Returns the drivers that items belong to.
pub(super) fn drivers_of(items: &[Item]) -> Result<Vec<DriverId>, DbError> {
    let ids = items.iter().map(|item| {
        let id = item.get("driver_id").and_then(|id| id.as_s().ok());
        let id = id.and_then(|id| DriverId::parse(id).ok());
        id.ok_or_else(|| DbError::corrupt("an item of a driver has no driver"))
    });
    ids.collect()
}

fn number(version: Version) -> AttributeValue {
    AttributeValue::N(version.to_string())
}

impl Db {
    /// Returns the roster of a driver (read consistently).
    pub async fn roster(&self, driver: &DriverId) -> Result<Option<Roster>, DbError> {
        let (table, key) = (&self.tables.drivers, keys::roster(driver));
        self.get(table, key, Consistency::Strong, &[]).await?.map(roster).transpose()
    }

    /// Returns a driver (read consistently).
    pub async fn driver(&self, driver: &DriverId) -> Result<Option<StoredDriver>, DbError> {
        Ok(self.drivers(std::slice::from_ref(driver), Consistency::Strong).await?.pop())
    }

    /// Stores a new driver; returns false if there is one with this id. Tracks that an interrupted
    /// deletion has left of a former driver with the id go: they are nobody's.
    pub async fn register_driver(&self, driver: &StoredDriver) -> Result<bool, DbError> {
        let StoredDriver { roster, profile } = driver;
        let new = Put::builder()
            .table_name(&self.tables.drivers)
            .set_item(Some(roster_item(roster)?))
            .condition_expression("attribute_not_exists(driver_id)")
            .build()
            .map_err(DbError::corrupt)?;
        let writes = [
            TransactWriteItem::builder().put(new).build(),
            self.profile_put(&roster.driver, profile)?,
        ];
        let is_registered = self.write_driver(writes).await?;
        if is_registered {
            self.delete_runs(&roster.driver).await?;
        }
        Ok(is_registered)
    }

    /// Replaces what the fleet and the driver change of a driver, but not its orders, if the roster
    /// still has the version `read`; returns false if it has not.
    pub async fn change_driver(
        &self,
        driver: &StoredDriver,
        read: Version,
    ) -> Result<bool, DbError> {
        let Roster { driver: id, vehicle, capacity, version, .. } = &driver.roster;
        let update = Update::builder()
            .table_name(&self.tables.drivers)
            .set_key(Some(keys::roster(id)))
            .update_expression("SET vehicle = :vehicle, #capacity = :capacity, version = :version")
            .condition_expression("version = :read")
            .expression_attribute_names("#capacity", "capacity")
            .expression_attribute_values(":vehicle", serde_dynamo::to_attribute_value(vehicle)?)
            .expression_attribute_values(":capacity", serde_dynamo::to_attribute_value(capacity)?)
            .expression_attribute_values(":version", number(*version))
            .expression_attribute_values(":read", number(read))
            .build()
            .map_err(DbError::corrupt)?;
        let writes = [
            TransactWriteItem::builder().update(update).build(),
            self.profile_put(id, &driver.profile)?,
        ];
        self.write_driver(writes).await
    }

    /// Begins or ends a driver's duty, if the roster still has the version `read`; returns false if
    /// it has not. Unless `is_forced`, a duty ends only if the driver has no open orders.
    pub async fn set_duty(
        &self,
        roster: &Roster,
        read: Version,
        is_forced: bool,
    ) -> Result<bool, DbError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.drivers)
            .set_key(Some(keys::roster(&roster.driver)))
            .expression_attribute_values(":version", number(roster.version))
            .expression_attribute_values(":read", number(read));
        let update = match roster.on_duty_since {
            Some(since) => update
                .update_expression(
                    "SET on_duty_since = :since, on_duty = :fleet, place = :place, \
                     version = :version",
                )
                .condition_expression("version = :read")
                .expression_attribute_values(":since", AttributeValue::S(since.to_string()))
                .expression_attribute_values(":fleet", AttributeValue::S(roster.fleet.to_string()))
                .expression_attribute_values(
                    ":place",
                    keys::text(keys::place(None, &roster.driver)),
                ),
            None => update
                .update_expression(
                    "SET last_duty = :last, version = :version \
                     REMOVE on_duty_since, on_duty, place",
                )
                .expression_attribute_values(
                    ":last",
                    serde_dynamo::to_attribute_value(roster.last_duty)?,
                )
                .condition_expression(if is_forced {
                    "version = :read"
                } else {
                    "version = :read AND attribute_not_exists(#orders)"
                })
                .set_expression_attribute_names(
                    (!is_forced).then(|| [("#orders".to_owned(), "orders".to_owned())].into()),
                ),
        };
        if_met(|| update.clone().send()).await
    }

    /// Deletes a driver with its positions, if the roster still has the version `read` and no open
    /// orders; returns false if it has not. The complete runs go last: those that are left, if that
    /// fails, expire, or go when a driver with the id is registered.
    pub async fn delete_driver(&self, driver: &DriverId, read: Version) -> Result<bool, DbError> {
        let table = &self.tables.drivers;
        let roster = Delete::builder()
            .table_name(table)
            .set_key(Some(keys::roster(driver)))
            .condition_expression("version = :read AND attribute_not_exists(#orders)")
            .expression_attribute_names("#orders", "orders")
            .expression_attribute_values(":read", number(read))
            .build()
            .map_err(DbError::corrupt)?;
        let profile = Delete::builder()
            .table_name(table)
            .set_key(Some(keys::profile(driver)))
            .build()
            .map_err(DbError::corrupt)?;
        let [roster, profile] =
            [roster, profile].map(|it| TransactWriteItem::builder().delete(it).build());
        let is_deleted =
            self.write_driver([roster, profile, self.position_deletion(driver)?]).await?;
        if is_deleted {
            self.delete_runs(driver).await?;
        }
        Ok(is_deleted)
    }

    /// Returns a page of a fleet's drivers, at most `limit` (from 1 to 50), by id; with
    /// `on_duty`, only those on duty.
    pub async fn fleet(
        &self,
        fleet: &Fleet,
        on_duty: bool,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<DriverPage, DbError> {
        let (ids, next) = self.ids_of_fleet(fleet, on_duty, after, limit).await?;
        let drivers = self.drivers(&ids, Consistency::Eventual).await?;
        Ok(DriverPage { drivers, next })
    }

    /// Returns a page of the drivers on duty of a fleet with their positions, at most `limit` (from 1 to
    /// 100), by cell and id, and the position of the next page. A driver who has just ended the duty can be
    /// among them, and one who moves to another cell meanwhile on no page, or on two.
    pub async fn fleet_on_duty(
        &self,
        fleet: &Fleet,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<(Vec<Whereabouts>, Option<Position>), DbError> {
        let (ids, next) = self.ids_of_fleet(fleet, true, after, limit).await?;
        Ok((self.whereabouts_of(&ids, Consistency::Strong).await?, next))
    }

    async fn ids_of_fleet(
        &self,
        fleet: &Fleet,
        on_duty: bool,
        after: Option<&Position>,
        limit: u16,
    ) -> Result<(Vec<DriverId>, Option<Position>), DbError> {
        let (index, partition) =
            if on_duty { ("on-duty", "on_duty") } else { ("by-fleet", "fleet") };
        let text = fleet.to_string();
        let after = after.map(|position| keys::driver_after(partition, &text, position.as_str()));
        let page = self
            .client
            .query()
            .table_name(&self.tables.drivers)
            .index_name(index)
            .key_condition_expression("#fleet = :fleet")
            .expression_attribute_names("#fleet", partition)
            .expression_attribute_values(":fleet", AttributeValue::S(text))
            .set_exclusive_start_key(after)
            .limit(limit.into())
            .send()
            .await?;
        let next = page.last_evaluated_key.as_ref().and_then(keys::driver_position);
        let ids = drivers_of(&page.items.unwrap_or_default())?;
        Ok((ids, next.map(Position::new)))
    }

    /// Returns the profiles of at most 100 drivers. Those that do not exist are left out.
    pub async fn profiles(&self, ids: &[DriverId]) -> Result<HashMap<DriverId, Profile>, DbError> {
        let keys = ids.iter().map(keys::profile).collect();
        let items = self.get_all(&self.tables.drivers, keys, Consistency::Eventual).await?;
        let profiles = drivers_of(&items)?.into_iter().zip(items);
        profiles.map(|(driver, item)| Ok((driver, profile(item)?))).collect()
    }

    /// Reads at most 50 drivers, in this order. Those that do not exist are left out.
    async fn drivers(
        &self,
        ids: &[DriverId],
        consistency: Consistency,
    ) -> Result<Vec<StoredDriver>, DbError> {
        let keys = ids.iter().flat_map(|id| [keys::roster(id), keys::profile(id)]).collect();
        let (mut rosters, mut profiles) = (HashMap::new(), HashMap::new());
        for item in self.get_all(&self.tables.drivers, keys, consistency).await? {
            let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
            let id = text("driver_id").unwrap_or_default();
            if text("item").as_deref() == Some(keys::ROSTER) {
                rosters.insert(id, roster(item)?);
            } else {
                profiles.insert(id, profile(item)?);
            }
        }
        let drivers = ids.iter().filter_map(|id| {
            let roster = rosters.remove(id.as_str())?;
            Some(StoredDriver { roster, profile: profiles.remove(id.as_str())? })
        });
        Ok(drivers.collect())
    }

    fn profile_put(
        &self,
        driver: &DriverId,
        profile: &Profile,
    ) -> Result<TransactWriteItem, DbError> {
        let mut item = keys::profile(driver);
        item.extend(serde_dynamo::to_item::<_, Item>(profile)?);
        let put = Put::builder().table_name(&self.tables.drivers).set_item(Some(item));
        Ok(TransactWriteItem::builder().put(put.build().map_err(DbError::corrupt)?).build())
    }

    /// Writes all items of a driver, or none; returns false if the roster is not as it was read.
    async fn write_driver<const N: usize>(
        &self,
        writes: [TransactWriteItem; N],
    ) -> Result<bool, DbError> {
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(NotMade::Unmet(_)) => Ok(false),
            Err(NotMade::Db(error)) => Err(error),
        }
    }
}
