//! Measures the consumption of each step among many orders, which must equal that among few.

use std::fmt;
use std::path::Path;

use db::{CreateError, DbError};
use domain::Rejection;
use emulator::dynamodb::CallError;
use waybill::StartError;

use super::{ClientError, StepCosts, budgets, table};

mod bulk;
mod model;
mod pace;
mod recorder;
mod world;

pub use pace::{Pace, Paces};
use world::World;

/// The numbers of shards of the indexes of all orders that are measured, besides one.
const MORE_SHARDS: [u16; 2] = [4, 16];

/// The number of open orders that counts as few.
const FEW: u64 = 100;

/// The error of a measurement among many orders.
#[derive(Debug, thiserror::Error)]
pub enum ScaleError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Store(#[from] DbError),
    #[error(transparent)]
    Create(#[from] CreateError<Rejection>),
    #[error("the captured transaction cannot be parsed: {0}")]
    Writes(#[from] serde_json::Error),
    /// The database rejected items that were written in bulk.
    #[error(transparent)]
    Import(#[from] CallError),
    #[error("the order {0}, written in bulk, differs from one placed over HTTP")]
    Unlike(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closed,
}

/// The measured costs.
#[derive(Clone, Debug)]
pub struct Scale {
    /// The consumption of each step among few orders, and among many.
    pub sizes: Vec<Size>,
    /// The consumption of a page of all open orders, by the number of shards.
    pub pages: Vec<(u16, StepCosts)>,
}

/// A number of orders, and the consumption of each step among them.
#[derive(Clone, Debug)]
pub struct Size {
    pub open: u64,
    /// The number of closed orders: all of them newer than the open ones, and all of one
    /// merchant.
    pub closed: u64,
    pub steps: Vec<StepCosts>,
}

impl Scale {
    /// Measures every step among 100 open orders, among `open` open orders, and among 100 open
    /// and `closed` newer closed orders; and a page of `open` open orders for each number of
    /// shards.
    pub async fn measure(template: &Path, open: u64, closed: u64) -> Result<Self, ScaleError> {
        let mut sizes = Vec::new();
        let mut world = World::start(template, 1).await?;
        for open in [FEW, open] {
            world.grow(State::Open, open).await?;
            sizes.push(Size { open, closed: 0, steps: steps(&world).await? });
        }
        let mut pages = vec![(1, budgets::page(world.runner(), 1).await?)];
        for shards in MORE_SHARDS {
            world = World::start(template, shards).await?;
            world.grow(State::Open, open).await?;
            pages.push((shards, budgets::page(world.runner(), shards).await?));
        }
        world = World::start(template, 1).await?;
        world.grow(State::Open, FEW).await?;
        world.grow(State::Closed, closed).await?;
        sizes.push(Size { open: FEW, closed, steps: steps(&world).await? });
        Ok(Self { sizes, pages })
    }

    /// Returns a table of the consumption of each step, by the number of orders.
    pub fn by_size(&self) -> impl fmt::Display {
        table::sizes(&self.sizes)
    }

    /// Returns a table of the consumption of a page, by the number of shards.
    pub fn by_shards(&self) -> impl fmt::Display {
        table::shards(&self.pages)
    }

    /// Returns the steps that exceed their budget, or whose consumption is not the same among
    /// many orders as among few.
    pub fn faults(&self) -> Vec<String> {
        let all = self.sizes.iter().flat_map(|size| &size.steps);
        let over = all.chain(self.pages.iter().map(|(_, page)| page)).filter(|it| !it.within());
        let over = over.map(|step| format!("{} is over its budget", step.what));
        let few = self.sizes.first().map_or_else(Default::default, |size| size.steps.as_slice());
        let pairs = self.sizes.iter().flat_map(|size| size.steps.iter().zip(few));
        let unlike = pairs.filter(|(step, among_few)| step.consumed != among_few.consumed);
        let unlike =
            unlike.map(|(step, _)| format!("{} depends on how many orders there are", step.what));
        over.chain(unlike).collect()
    }
}

/// Formats two tables, for people.
impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "What each step consumes by how many orders there are, over one shard. All")?;
        writeln!(f, "closed ones are newer than all open ones, and all are one merchant's.\n")?;
        self.by_size().fmt(f)?;
        writeln!(f, "\nA page of 50 of everybody's open orders, by how many shards there are.\n")?;
        self.by_shards().fmt(f)
    }
}

/// Measures each step. The pages of open orders are read first, before the changes create further
/// orders.
async fn steps(world: &World) -> Result<Vec<StepCosts>, ClientError> {
    let runner = world.runner();
    let pages = [budgets::page(runner, 1).await?, budgets::merchants_page(runner).await?];
    let mut steps = budgets::changes(runner).await?;
    steps.extend(pages);
    steps.extend(budgets::closed_pages(runner).await?);
    Ok(steps)
}
