//! Workflows: the statuses and transitions of orders, as tables of data. A new workflow is a
//! new table, listed in [`Workflow::ALL`].

mod clock;
mod common;
mod courier;
mod grocery;
mod operation;
mod parcel;
mod stamp;
mod transition;

pub use clock::{Ladder, Measure, Rung, StatusClock};
pub use operation::{Operation, Step};
pub use stamp::Stamp;
pub use transition::Transition;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::values::{name_enum, schema_of_shape};
use crate::{Bounds, Shape, Shaped};

/// The statuses, transitions and clocks of one kind of order.
#[derive(Debug)]
pub struct Workflow {
    /// The name in bodies and in storage.
    pub name: &'static str,
    /// The status of a new order.
    pub initial: Status,
    /// The statuses that Waybill moves a new order through, one after another, in the commit of
    /// its creation.
    pub automatic: &'static [Status],
    /// True if a store prepares the orders: they then name their store and their items, and
    /// customers are asked about substitutes.
    pub prepared_by_store: bool,
    pub statuses: &'static [Status],
    pub transitions: &'static [Transition],
    /// The clocks of the statuses that have one.
    pub clocks: &'static [StatusClock],
    /// The path of an order that moves by itself, status by status; empty if orders of this
    /// workflow cannot.
    pub autopilot: &'static [Status],
}

impl Workflow {
    /// All workflows.
    pub const ALL: &'static [&'static Self] =
        &[&courier::COURIER, &grocery::GROCERY, &parcel::PARCEL];

    /// The workflow of an order that names none.
    pub const DEFAULT: &'static Self = &courier::COURIER;

    /// Returns the workflow with this name, or `None`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|workflow| workflow.name == name)
    }

    /// Returns the clock of a status, if the table has one.
    pub fn clock(&self, status: Status) -> Option<&'static StatusClock> {
        self.clocks.iter().find(|clock| clock.status == status)
    }

    /// Returns the next status of an order that moves by itself; `None` at the end of its path
    /// and off the path.
    pub fn next_by_itself(&self, status: Status) -> Option<Status> {
        let mut path = self.autopilot.iter().skip_while(|on_path| **on_path != status);
        path.nth(1).copied()
    }

    /// Returns the status with this name, or `None`.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.statuses.iter().copied().find(|status| status.name == name)
    }

    /// Returns the transition between two statuses that a change of status can make; if there is
    /// none, one that only its operation can make.
    pub fn transition(&self, from: Status, to: Status) -> Option<&'static Transition> {
        let between = || self.transitions_from(from).filter(|it| it.to == to);
        between().find(|it| it.owner().is_none()).or_else(|| between().next())
    }

    /// True if the workflow has the operation.
    pub fn has(&self, operation: Operation) -> bool {
        self.transitions.iter().any(|it| it.operation == Some(operation))
    }

    /// Returns the transitions that `operation` can make from a status.
    pub fn transitions_of(
        &self,
        operation: Operation,
        from: Status,
    ) -> impl Iterator<Item = &'static Transition> {
        self.transitions_from(from).filter(move |it| it.operation == Some(operation))
    }

    /// Returns the stamp that an order records when it moves from one status to another.
    pub fn stamp(&self, from: Status, to: Status) -> Option<Stamp> {
        self.transitions_from(from).filter(|it| it.to == to).find_map(|it| it.stamp)
    }

    /// True if an order in this status is on its way to the customer. After a failed delivery it is not,
    /// until the next attempt.
    pub fn leads_to_customer(&self, status: Status) -> bool {
        let mut retries = self.transitions_of(Operation::Retry, status);
        status.phase() == Phase::OnTheWay && retries.next().is_none()
    }

    /// Returns every transition from a status.
    pub fn transitions_from(&self, from: Status) -> impl Iterator<Item = &'static Transition> {
        self.transitions.iter().filter(move |it| it.from.contains(&from))
    }
}

impl Shaped for Workflow {
    const SHAPE: Shape = Shape {
        name: Some("Workflow"),
        about: "The workflow that determines an order's statuses and transitions.",
        bounds: Bounds::OneOf(|| Self::ALL.iter().map(|workflow| workflow.name).collect()),
    };
}

schema_of_shape!(Workflow);

/// Serialises a workflow as its name.
impl Serialize for Workflow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for &'static Workflow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Workflow::named(&name)
            .ok_or_else(|| de::Error::custom(format_args!("no workflow is called {name}")))
    }
}

/// Comparing names is enough: there is one table per name.
impl PartialEq for Workflow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Workflow {}

/// A status of a workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    name: &'static str,
    phase: Phase,
}

impl Status {
    /// Creates a status for a workflow's table.
    pub const fn new(name: &'static str, phase: Phase) -> Self {
        Self { name, phase }
    }

    /// Returns the name in bodies and in storage.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Returns the phase.
    pub const fn phase(self) -> Phase {
        self.phase
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl Shaped for Status {
    const SHAPE: Shape = Shape {
        name: Some("Status"),
        about: "The order's status within its workflow; the workflow reference lists each \
                workflow's statuses.",
        bounds: Bounds::OneOf(|| statuses().map(|(name, _)| name).collect()),
    };
}

schema_of_shape!(Status);

/// Returns the name and the phase of every status of any workflow, each name once.
pub fn statuses() -> impl Iterator<Item = (&'static str, Phase)> {
    let all: std::collections::BTreeMap<_, _> = Workflow::ALL
        .iter()
        .flat_map(|workflow| workflow.statuses)
        .map(|status| (status.name(), status.phase()))
        .collect();
    all.into_iter()
}

name_enum! {
    /// The coarse phase of a status, common to all workflows, in the order of an order's life.
    pub enum Phase as "Phase": "The coarse phase of a status, common to all workflows." {
        /// Nobody has started work on the order.
        Placed = "placed",
        /// The store or the merchant prepares the order.
        Preparing = "preparing",
        /// The order waits to be picked up.
        Ready = "ready",
        /// The order is with its carrier.
        OnTheWay = "on_the_way",
        Returning = "returning",
        Delivered = "delivered",
        /// Closed: the order is back at its origin.
        Returned = "returned",
        Cancelled = "cancelled",
        /// Closed: the order was given up.
        Failed = "failed",
    }
}

impl Phase {
    /// Returns true if orders in this phase can still move.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Placed | Self::Preparing | Self::Ready | Self::OnTheWay | Self::Returning => true,
            Self::Delivered | Self::Returned | Self::Cancelled | Self::Failed => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
