//! The last positions of drivers, and the search for the drivers nearest to a point.
//!
//! An upload writes the position alone, and the roster only when the driver comes into another cell:
//! the roster's transactions would collide with it. A position that is older than the stored one is
//! never written, and none of a driver who does not exist.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, Delete, TransactWriteItem, Update};
use domain::{
    Candidate, Cell, DriverId, Fix, Fleet, Location, MAX_FIX_AGE_S, Nearest, NextStep, Roster,
};
use serde::{Deserialize, Serialize};

use crate::drivers::{drivers_of, roster};
use crate::retry::if_met;
use crate::transaction::NotMade;
use crate::{Consistency, Db, DbError, Item, keys};

/// The number of drivers that a read of a cell returns: about 4 KB, which is half a read unit.
const PER_READ: u16 = 30;

/// The maximum number of drivers that a search looks at.
const MOST_EXAMINED: usize = 100;

/// The roster of a driver with the driver's position.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    pub roster: Roster,
    /// The cell in which a search finds the driver.
    pub cell: Option<Cell>,
    /// The last fix, perhaps of an earlier duty.
    pub last: Option<Fix>,
}

/// The last position among the items of a driver.
#[derive(Serialize, Deserialize)]
struct LastItem {
    fix: Fix,
}

fn last_fix(item: Item) -> Result<Fix, DbError> {
    Ok(serde_dynamo::from_item::<_, LastItem>(item)?.fix)
}

impl Db {
    /// Returns the roster and the position of a driver (read consistently).
    pub async fn whereabouts(&self, driver: &DriverId) -> Result<Option<Whereabouts>, DbError> {
        let (rosters, positions) = (&self.tables.drivers, &self.tables.positions);
        let (found, last) = futures_util::try_join!(
            self.get(rosters, keys::roster(driver), Consistency::Strong, &[]),
            self.get(positions, keys::last_position(driver), Consistency::Strong, &[]),
        )?;
        let Some(item) = found else { return Ok(None) };
        let (cell, last) = (keys::cell_of(&item), last.map(last_fix).transpose()?);
        Ok(Some(Whereabouts { roster: roster(item)?, cell, last }))
    }

    /// Stores a driver's last fix, if the stored one is older; returns false if it is not, or if the
    /// driver's duty is not that of `at` any more. `at` is what was read.
    pub async fn keep_fix(&self, at: &Whereabouts, fix: &Fix) -> Result<bool, DbError> {
        if at.last.is_none() {
            self.keep_first(&at.roster, fix).await
        } else {
            self.keep_next(at, fix).await
        }
    }

    async fn keep_next(&self, at: &Whereabouts, fix: &Fix) -> Result<bool, DbError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(&at.roster.driver)))
            .update_expression(KEEP)
            .condition_expression("#fix.#at < :at")
            .expression_attribute_names("#fix", "fix")
            .expression_attribute_names("#at", "at")
            .set_expression_attribute_values(Some(kept(fix)?))
            .expression_attribute_values(":at", keys::text(fix.at.to_string()));
        if_met(|| update.clone().send()).await
    }

    /// Stores the first fix of a driver, or the first after the last one has expired. The driver must
    /// exist: a deletion that happens at the same time leaves no position behind.
    async fn keep_first(&self, roster: &Roster, fix: &Fix) -> Result<bool, DbError> {
        let Some(since) = roster.on_duty_since else { return Ok(false) };
        let on_duty = ConditionCheck::builder()
            .table_name(&self.tables.drivers)
            .set_key(Some(keys::roster(&roster.driver)))
            .condition_expression("on_duty_since = :since")
            .expression_attribute_values(":since", keys::text(since.to_string()))
            .build()
            .map_err(DbError::corrupt)?;
        let first = Update::builder()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(&roster.driver)))
            .update_expression(KEEP)
            .condition_expression("attribute_not_exists(driver_id)")
            .expression_attribute_names("#fix", "fix")
            .set_expression_attribute_values(Some(kept(fix)?))
            .build()
            .map_err(DbError::corrupt)?;
        let writes = [
            TransactWriteItem::builder().condition_check(on_duty).build(),
            TransactWriteItem::builder().update(first).build(),
        ];
        match self.transact(writes).await {
            Ok(()) => Ok(true),
            Err(NotMade::Unmet(_)) => Ok(false),
            Err(NotMade::Db(error)) => Err(error),
        }
    }

    /// Has searches find a driver in another cell; returns false if the driver's duty or cell is not
    /// that of `at` any more. `at` is what was read.
    pub async fn move_to(&self, at: &Whereabouts, cell: &Cell) -> Result<bool, DbError> {
        let Some(since) = at.roster.on_duty_since else { return Ok(false) };
        let driver = &at.roster.driver;
        let update = self
            .client
            .update_item()
            .table_name(&self.tables.drivers)
            .set_key(Some(keys::roster(driver)))
            .update_expression("SET place = :place")
            .condition_expression("on_duty_since = :since AND place = :read")
            .expression_attribute_values(":place", keys::text(keys::place(Some(cell), driver)))
            .expression_attribute_values(":read", keys::text(keys::place(at.cell.as_ref(), driver)))
            .expression_attribute_values(":since", keys::text(since.to_string()));
        if_met(|| update.clone().send()).await
    }

    /// Returns drivers of a fleet on duty whose cells are nearest to a point and at most `within_m`
    /// metres away, up to `limit` (at most 50) that `is_wanted`, in no order. Of many drivers, a
    /// hundred are looked at. Drivers without a position in their duty are not found.
    pub async fn candidates(
        &self,
        fleet: &Fleet,
        (from, within_m): (Location, f64),
        limit: usize,
        is_wanted: impl Fn(&Roster) -> bool,
    ) -> Result<Vec<Candidate>, DbError> {
        let mut search = Nearest::new(from, within_m);
        let (mut found, mut examined) = (Vec::new(), 0);
        while found.len() < limit && examined < MOST_EXAMINED {
            let drivers = self.next_of(&mut search, fleet, limit).await?;
            if drivers.is_empty() {
                break;
            }
            examined += drivers.len();
            let wanted = |it: &Candidate| it.roster.fleet == *fleet && is_wanted(&it.roster);
            found.extend(self.on_duty(&drivers).await?.into_iter().filter(wanted));
        }
        found.truncate(limit);
        Ok(found)
    }

    /// Continues a search, and returns the next drivers, at most `limit`; none at its end.
    async fn next_of(
        &self,
        search: &mut Nearest,
        fleet: &Fleet,
        limit: usize,
    ) -> Result<Vec<DriverId>, DbError> {
        let mut drivers = Vec::new();
        while drivers.len() < limit
            && let Some(step) = search.step()
        {
            match step {
                NextStep::Take(driver) => drivers.push(driver),
                NextStep::Read { cell, after } => {
                    let (found, is_cut) = self.in_cell(fleet, &cell, after.as_ref()).await?;
                    search.found(&cell, found, is_cut);
                }
            }
        }
        Ok(drivers)
    }

    /// Returns drivers of a fleet in a cell with their smallest cells, by these, and whether there
    /// are more.
    async fn in_cell(
        &self,
        fleet: &Fleet,
        cell: &Cell,
        after: Option<&DriverId>,
    ) -> Result<(Vec<(Cell, DriverId)>, bool), DbError> {
        let fleet = fleet.to_string();
        let after = after
            .map(|driver| keys::driver_after("on_duty", &fleet, &keys::place(Some(cell), driver)));
        let page = self
            .client
            .query()
            .table_name(&self.tables.drivers)
            .index_name("on-duty")
            .key_condition_expression("on_duty = :fleet AND begins_with(place, :cell)")
            .expression_attribute_values(":fleet", keys::text(fleet))
            .expression_attribute_values(":cell", keys::text(cell.to_string()))
            .set_exclusive_start_key(after)
            .limit(PER_READ.into())
            .send()
            .await?;
        let is_cut = page.last_evaluated_key.is_some();
        let items = page.items.unwrap_or_default();
        let ids = drivers_of(&items)?;
        let entries = items.iter().zip(ids).map(|(item, id)| {
            let cell = keys::cell_of(item);
            Ok((cell.ok_or_else(|| DbError::corrupt("an entry of a cell has no cell"))?, id))
        });
        Ok((entries.collect::<Result<_, DbError>>()?, is_cut))
    }

    /// Reads at most 100 drivers. Those that are off duty, or have no position in their duty, are left
    /// out.
    async fn on_duty(&self, drivers: &[DriverId]) -> Result<Vec<Candidate>, DbError> {
        let keys_of = |key: fn(&DriverId) -> Item| drivers.iter().map(key).collect();
        let (rosters, positions) = futures_util::try_join!(
            self.get_all(&self.tables.drivers, keys_of(keys::roster), Consistency::Eventual),
            self.get_all(
                &self.tables.positions,
                keys_of(keys::last_position),
                Consistency::Eventual
            ),
        )?;
        let mut fixes = HashMap::new();
        for (driver, item) in drivers_of(&positions)?.into_iter().zip(positions) {
            fixes.insert(driver, last_fix(item)?);
        }
        let mut found = Vec::new();
        for item in rosters {
            let roster = roster(item)?;
            if let Some(fix) =
                fixes.get(&roster.driver).copied().filter(|fix| fix.is_of_duty(&roster))
            {
                found.push(Candidate { roster, fix });
            }
        }
        Ok(found)
    }

    /// The deletion of a driver's position.
    pub(super) fn position_deletion(
        &self,
        driver: &DriverId,
    ) -> Result<TransactWriteItem, DbError> {
        let delete = Delete::builder()
            .table_name(&self.tables.positions)
            .set_key(Some(keys::last_position(driver)))
            .build()
            .map_err(DbError::corrupt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }
}

/// The write of a fix.
const KEEP: &str = "SET #fix = :fix, expires_at = :expires";

/// The values of [`KEEP`]. A fix expires when its age would be refused.
fn kept(fix: &Fix) -> Result<HashMap<String, AttributeValue>, DbError> {
    let expires = fix.at.plus_seconds(MAX_FIX_AGE_S).epoch_seconds();
    Ok([
        (":fix".to_owned(), serde_dynamo::to_attribute_value(fix)?),
        (":expires".to_owned(), AttributeValue::N(expires.to_string())),
    ]
    .into())
}
