//! Measures Waybill's costs while orders are played: the consumption of each step of an order
//! against its budget, and the bill of a million orders.

use std::fmt;

use emulator::meter::Usage;
use waybill::Runner;

mod bill;
mod budgets;
pub(crate) mod client;
mod grocery;
mod life;
mod overdue;
pub(crate) mod reference;
mod scale;
pub(crate) mod table;
mod webhooks;

pub use bill::{Bill, Charge};
pub use budgets::StepCosts;
pub use client::ClientError;
pub use overdue::SweepCosts;
pub use scale::{Pace, Paces, Scale, ScaleError, Size};
pub use webhooks::WebhookCosts;

/// The default of the template's parameter `ConnectionsPerPrincipal`, at which costs are measured.
pub const CONNECTIONS_PER_PRINCIPAL: u32 = 20;

/// The measured costs.
#[derive(Clone, Debug)]
pub struct Costs {
    /// The steps of a courier order, and the pages of open orders.
    pub steps: Vec<StepCosts>,
    /// The steps of a grocery order, each of which also moves the order's deadline.
    pub grocery: Vec<StepCosts>,
    /// The consumption of one order's life, by the functions of both APIs and the relay.
    pub life: Usage,
    pub bill: Bill,
}

impl Costs {
    /// Plays the reference order's life, and each step that has a budget, on a runner that is
    /// otherwise idle and holds no order yet.
    pub async fn measure(runner: &Runner) -> Result<Self, ClientError> {
        let life = life::play(runner).await?;
        let bill = Bill::of(&life, |function| runner.memory(function));
        let steps = budgets::measure(runner).await?;
        let grocery = grocery::measure(runner).await?;
        Ok(Self { steps, grocery, life, bill })
    }

    /// Returns a table of the consumption of each step, beside its budget.
    pub fn budgets(&self) -> impl fmt::Display {
        table::steps(&self.steps)
    }

    /// Returns a table of the consumption of each step of a grocery order.
    pub fn groceries(&self) -> impl fmt::Display {
        table::steps(&self.grocery)
    }

    /// Returns the steps that exceed their budget.
    pub fn over_budget(&self) -> impl Iterator<Item = &StepCosts> {
        self.steps.iter().chain(&self.grocery).filter(|step| !step.within())
    }
}

/// Formats four tables, for people.
impl fmt::Display for Costs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Budgets: one order, uncontended, one shard, in DynamoDB's write and read")?;
        writeln!(f, "request units; what a transaction does to a table counts twice.\n")?;
        self.budgets().fmt(f)?;
        writeln!(f, "\nA grocery order, whose clocks run: each step moves its deadline.\n")?;
        self.groceries().fmt(f)?;
        writeln!(f, "\nA courier life, by function: {}.\n", life::WHAT)?;
        table::usage(&self.life).fmt(f)?;
        writeln!(f, "\nThe bill of a million such lives, in US dollars, on demand in us-east-1.")?;
        writeln!(f, "{}\n", bill::LEFT_OUT)?;
        self.bill.fmt(f)
    }
}
