//! The search for the drivers nearest to a point, in an index sorted by cell.
//!
//! The search reads the nearest cell first. A cell with more drivers than a read returns is read by
//! its parts, again the nearest first, so that it reads as much among many drivers as among few. It
//! knows drivers by their smallest cells: they come in the order of the distances of these.
//! <https://doi.org/10.1145/320248.320255>

use std::collections::BTreeSet;

use super::cell::{Cell, grid, place_of, size};
use super::distance::{EARTH_RADIUS_M, distance_to_area_m, reach_in_lng};
use crate::{DriverId, Location};

/// The number of digits of the cells that a search begins with at most: the cells of six digits
/// around a point do not reach far enough to begin with.
const FIRST_DIGITS: usize = 5;

/// A search for the drivers nearest to a point.
#[derive(Debug)]
pub struct Nearest {
    from: Location,
    within_m: f64,
    /// The next steps by distance in millimetres; drivers before cells.
    queue: BTreeSet<(u64, NextStep)>,
    seen: BTreeSet<DriverId>,
    reads: usize,
}

/// The next step of a search.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NextStep {
    /// No other driver is nearer, but for those in the same cell.
    Take(DriverId),
    /// The drivers in this cell must be read, after this driver in a smallest cell.
    Read { cell: Cell, after: Option<DriverId> },
}

impl Nearest {
    /// The most reads of a search. It then ends with the drivers that it knows. A search in a town
    /// needs about five, and one from outside, or near a pole, up to fifty.
    pub const MOST_READS: usize = 64;

    /// Begins a search for the drivers whose cells are at most `within_m` metres from a point.
    pub fn new(from: Location, within_m: f64) -> Self {
        let (queue, seen) = (BTreeSet::new(), BTreeSet::new());
        let mut search = Self { from, within_m, queue, seen, reads: 0 };
        for cell in around(from, within_m) {
            search.add(&cell.clone(), NextStep::Read { cell, after: None });
        }
        search
    }

    fn add(&mut self, cell: &Cell, step: NextStep) {
        let distance = distance_to_area_m(self.from, &cell.area());
        if distance <= self.within_m {
            self.queue.insert((millimetres(distance), step));
        }
    }

    /// Returns the next step; `None` if there are no more drivers.
    pub fn step(&mut self) -> Option<NextStep> {
        loop {
            let (_, step) = self.queue.pop_first()?;
            let NextStep::Read { .. } = step else { return Some(step) };
            if self.reads < Self::MOST_READS {
                self.reads += 1;
                return Some(step);
            }
        }
    }

    /// Takes the drivers of a cell with their smallest cells, by these and then by id. `is_cut` says
    /// that there are more.
    pub fn found(&mut self, cell: &Cell, drivers: Vec<(Cell, DriverId)>, is_cut: bool) {
        if let Some((last, driver)) = drivers.last().filter(|_| is_cut) {
            // Nothing is left of the cell but what comes after the last driver.
            for part in cell.parts_after(last) {
                self.add(&part.clone(), NextStep::Read { cell: part, after: None });
            }
            let (cell, after) = (last.clone(), Some(driver.clone()));
            self.add(last, NextStep::Read { cell, after });
        }
        for (cell, driver) in drivers {
            if self.seen.insert(driver.clone()) {
                self.add(&cell, NextStep::Take(driver));
            }
        }
    }
}

/// Returns at most nine cells that contain all points within `radius_m` metres: the smallest that
/// do, of [`FIRST_DIGITS`] at most. Near a pole these are the eight that meet there.
fn around(from: Location, radius_m: f64) -> Vec<Cell> {
    let in_lat = (radius_m / EARTH_RADIUS_M).to_degrees();
    let reaches = |digits: &usize| {
        let (height, width) = size(*digits);
        height >= in_lat && reach_in_lng(from, radius_m).is_some_and(|in_lng| width >= in_lng)
    };
    let digits = (1..=FIRST_DIGITS).rev().find(reaches);
    let (row, column) = place_of(from, digits.unwrap_or(1));
    let (rows, columns) = grid(digits.unwrap_or(1));
    let Some(digits) = digits else {
        return (0..columns).map(|column| Cell::at(row, column, 1)).collect();
    };
    let rows = row.saturating_sub(1)..=(row + 1).min(rows - 1);
    let beside =
        move |row| [columns - 1, 0, 1].map(|by| Cell::at(row, (column + by) % columns, digits));
    rows.flat_map(beside).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 2e10")]
fn millimetres(metres: f64) -> u64 {
    (metres * 1000.0) as u64
}
