//! How long a page takes among few orders and among many.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use super::world::World;
use super::{ScaleError, State};
use crate::costs::client::{ClientError, Person};
use crate::costs::{reference, table};

/// How often each list is walked in both systems; the run in the middle counts.
const RUNS: usize = 5;
/// How much longer a page may take among many orders.
const MOST: f64 = 1.3;

/// How long pages take among few open orders and among many.
#[derive(Clone, Debug)]
pub struct Paces {
    /// How many orders are few.
    pub few: u64,
    /// How many orders are many.
    pub many: u64,
    /// Each list.
    pub lists: Vec<Pace>,
}

/// How long a page of 50 orders takes, of five runs in the one whose ratio is the median.
#[derive(Clone, Debug)]
pub struct Pace {
    pub list: &'static str,
    /// Among few.
    pub few: Duration,
    /// Among many.
    pub many: Duration,
}

impl Pace {
    /// How many times as long a page takes among many.
    pub fn ratio(&self) -> f64 {
        self.many.as_secs_f64() / self.few.as_secs_f64()
    }

    /// Whether it takes about as long among many as among few.
    pub fn is_steady(&self) -> bool {
        self.ratio() <= MOST
    }
}

impl Paces {
    /// Times pages of every kind of list, over HTTP, in two systems. `few` are at
    /// least 1,000.
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

    /// Returns the lists that take longer among many orders.
    pub fn faults(&self) -> Vec<String> {
        let slow = self.lists.iter().filter(|pace| !pace.is_steady());
        slow.map(|pace| format!("{}: a page takes longer among more orders", pace.list)).collect()
    }
}

/// A table.
impl fmt::Display for Paces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::paces(self).fmt(f)
    }
}

/// A list whose first 1,000 orders are walked over.
struct List {
    name: &'static str,
    query: String,
    /// How many pages they are on.
    pages: u32,
    /// How many orders each page has.
    found: usize,
}

/// One list for each way in which indexes are read.
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
    /// Walks in both systems, page by page by turns, so that whatever else the
    /// machine does is as much in the way of the one as of the other.
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

/// A walk over a list.
struct Walk<'w> {
    list: &'w List,
    ops: Person,
    /// Where the next page is.
    path: String,
    /// How long the pages took so far.
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
