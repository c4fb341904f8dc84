//! Measures the time that a page takes among few orders and among many.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::world::World;
use super::{ScaleError, State};
use crate::costs::client::{ClientError, Person};
use crate::costs::{reference, table};

/// The number of times that each list is read in both systems; the median run counts.
const RUNS: usize = 5;
/// The maximum ratio of a page's time among many orders to its time among few.
const MOST: f64 = 1.3;

/// The times of pages among few open orders and among many.
#[derive(Clone, Debug)]
pub struct Paces {
    /// The number of orders in the small system.
    pub few: u64,
    /// The number of orders in the large system.
    pub many: u64,
    pub lists: Vec<Pace>,
}

/// The average time of a page of a list, from the run (of five) with the median ratio.
#[derive(Clone, Debug)]
pub struct Pace {
    pub list: &'static str,
    pub few: Duration,
    pub many: Duration,
}

impl Pace {
    /// Returns the time among many orders divided by the time among few.
    pub fn ratio(&self) -> f64 {
        self.many.as_secs_f64() / self.few.as_secs_f64()
    }

    /// Returns true if the ratio is within its limit.
    pub fn is_steady(&self) -> bool {
        self.ratio() <= MOST
    }
}

impl Paces {
    /// Times pages of every kind of list, over HTTP, in two systems. `few` must be at least
    /// 1,000, as each list is read for 1,000 orders.
    pub async fn measure(template: &Path, few: u64, many: u64) -> Result<Self, ScaleError> {
        let mut worlds = [World::start(template, 1).await?, World::start(template, 1).await?];
        for (world, count) in worlds.iter_mut().zip([few, many]) {
            world.grow(State::Open, count).await?;
        }
        let mut paces = Vec::new();
        for list in lists(&worlds[0]) {
            let mut runs = Vec::new();
            for _ in 0..RUNS {
                runs.push(list.walk(&worlds).await?);
            }
            runs.sort_by(|one, other| one.ratio().total_cmp(&other.ratio()));
            paces.push(runs.swap_remove(RUNS / 2));
        }
        Ok(Self { few, many, lists: paces })
    }

    /// Returns the lists whose pages take longer among many orders.
    pub fn faults(&self) -> Vec<String> {
        let slow = self.lists.iter().filter(|pace| !pace.is_steady());
        slow.map(|pace| format!("{}: a page takes longer among more orders", pace.list)).collect()
    }
}

/// Formats the times as a table.
impl fmt::Display for Paces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::paces(self).fmt(f)
    }
}

/// A list of which the first 1,000 orders are read or examined.
struct List {
    name: &'static str,
    query: String,
    /// The number of pages for these orders.
    pages: u32,
    /// The number of orders on each page.
    found: usize,
}

/// Returns one list for each way in which the indexes are read.
fn lists(world: &World) -> [List; 6] {
    let (from, to) = world.days();
    let merchant = format!("merchant={}", reference::MERCHANT);
    let full = |name, query: &str| List { name, query: query.to_owned(), pages: 20, found: 50 };
    [
        full("everybody's open orders", "state=open"),
        full("a merchant's open orders", &merchant),
        full("a merchant's orders, open or closed", &format!("{merchant}&state=all")),
        full("everybody's orders of a day", &format!("state=all&from={from}&to={to}")),
        full("everybody's orders in a status", "status=created"),
        List {
            name: "500 orders examined for a driver who has none",
            query: format!("{merchant}&state=all&driver=nobody"),
            pages: 2,
            found: 0,
        },
    ]
}

impl List {
    /// Reads the list in both systems, one page of each in turn, so that any other load on the
    /// machine affects both equally.
    async fn walk(&self, worlds: &[World; 2]) -> Result<Pace, ClientError> {
        let mut walks = [self.begin(&worlds[0])?, self.begin(&worlds[1])?];
        for _ in 0..self.pages {
            for walk in &mut walks {
                walk.step().await?;
            }
        }
        let [few, many] = walks.map(|walk| walk.time / self.pages);
        Ok(Pace { list: self.name, few, many })
    }

    fn begin<'w>(&'w self, world: &'w World) -> Result<Walk<'w>, ClientError> {
        let ops = Person::new(world.runner(), &reference::ops())?;
        let path = format!("/orders?{}", self.query);
        Ok(Walk { list: self, ops, path, time: Duration::ZERO })
    }
}

/// A list being read page by page.
struct Walk<'w> {
    list: &'w List,
    ops: Person,
    /// The path of the next page.
    path: String,
    /// The total time of the pages so far.
    time: Duration,
}

impl Walk<'_> {
    async fn step(&mut self) -> Result<(), ClientError> {
        let start = Instant::now();
        let page = self.ops.get(&self.path).await?;
        self.time += start.elapsed();
        let next = page["next"].as_str().unwrap_or_default();
        self.path = format!("/orders?{}&cursor={next}", self.list.query);
        match page["orders"].as_array().map_or(0, Vec::len) {
            found if found == self.list.found => Ok(()),
            found => Err(ClientError::Short(found)),
        }
    }
}
