//! The search for the drivers nearest to a point.

use domain::{Candidate, Cell, DriverId, Fleet, Location, Nearest, NextStep, Roster};

use super::Whereabouts;
use crate::drivers::drivers_of;
use crate::retry::if_met;
use crate::{Consistency, Db, DbError, keys};

/// The number of drivers that a read of a cell returns: about 4 KB, which is half a read unit.
const PER_READ: u16 = 30;

/// The maximum number of drivers that a search looks at.
const MOST_EXAMINED: usize = 100;

impl Db {
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
        let known = self.whereabouts_of(drivers, Consistency::Eventual).await?.into_iter();
        let found = known.filter_map(|Whereabouts { roster, last, .. }| {
            let fix = last?.fix.filter(|fix| fix.is_of_duty(&roster))?;
            Some(Candidate { roster, fix })
        });
        Ok(found.collect())
    }
}
