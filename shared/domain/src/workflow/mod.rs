//! Workflows: how orders move, as tables of data. A further workflow is a
//! further table, listed in [`Workflow::ALL`].

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

/// How one kind of order moves.
#[derive(Debug)]
pub struct Workflow {
    /// Its name in bodies and storage.
    pub name: &'static str,
    /// Where an order begins.
    pub initial: Status,
    /// Where Waybill itself takes it from there, in the commit of creation.
    pub automatic: &'static [Status],
    /// Whether a store prepares it: then an order names its store and what is in it,
    /// and customers are asked about substitutes.
    pub prepared_by_store: bool,
    /// Every status.
    pub statuses: &'static [Status],
    /// Every step from one status to another.
    pub transitions: &'static [Transition],
    /// How long orders may stand where, and what is done then.
    pub clocks: &'static [StatusClock],
    /// Where an order goes that moves by itself, one status after the other; empty where
    /// none does.
    pub autopilot: &'static [Status],
}

impl Workflow {
    /// Every workflow there is.
    pub const ALL: &'static [&'static Self] =
        &[&courier::COURIER, &grocery::GROCERY, &parcel::PARCEL];

    /// The workflow of an order that names none.
    pub const DEFAULT: &'static Self = &courier::COURIER;

    /// The workflow called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|workflow| workflow.name == name)
    }

    /// The clock of a status, if the table has one.
    pub fn clock(&self, status: Status) -> Option<&'static StatusClock> {
        self.clocks.iter().find(|clock| clock.status == status)
    }

    /// Where an order that moves by itself goes from a status.
    pub fn next_by_itself(&self, status: Status) -> Option<Status> {
        let mut path = self.autopilot.iter().skip_while(|on_path| **on_path != status);
        path.nth(1).copied()
    }

    /// The status called `name`.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.statuses.iter().copied().find(|status| status.name == name)
    }

    /// The step between two statuses that a change of status takes; if there is
    /// none, one that an operation takes alone.
    pub fn transition(&self, from: Status, to: Status) -> Option<&'static Transition> {
        let between = || self.transitions_from(from).filter(|it| it.to == to);
        between().find(|it| it.owner().is_none()).or_else(|| between().next())
    }

    /// The steps that `operation` can take from a status.
    pub fn transitions_of(
        &self,
        operation: Operation,
        from: Status,
    ) -> impl Iterator<Item = &'static Transition> {
        self.transitions_from(from).filter(move |it| it.operation == Some(operation))
    }

    /// The time that an order keeps of getting from one status to another.
    pub fn stamp(&self, from: Status, to: Status) -> Option<Stamp> {
        self.transitions_from(from).filter(|it| it.to == to).find_map(|it| it.stamp)
    }

    /// Every step from a status.
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

/// A workflow as its name.
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

/// There is one table per name.
impl PartialEq for Workflow {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Workflow {}

/// Where an order stands in its workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    name: &'static str,
    phase: Phase,
}

impl Status {
    /// A row of a workflow's table.
    pub const fn new(name: &'static str, phase: Phase) -> Self {
        Self { name, phase }
    }

    /// Its name in bodies and storage.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// Its phase.
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

/// Every status that an order of any workflow can stand in, once by name.
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
        /// Nobody has begun.
        Placed = "placed",
        /// The store is at work.
        Preparing = "preparing",
        /// Waiting to be picked up.
        Ready = "ready",
        /// With the carrier.
        OnTheWay = "on_the_way",
        /// On its way back.
        Returning = "returning",
        /// Closed: handed over.
        Delivered = "delivered",
        /// Closed: back where it came from.
        Returned = "returned",
        /// Closed: called off.
        Cancelled = "cancelled",
        /// Closed: given up.
        Failed = "failed",
    }
}

impl Phase {
    /// Whether orders in this phase can still move.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Placed | Self::Preparing | Self::Ready | Self::OnTheWay | Self::Returning => true,
            Self::Delivered | Self::Returned | Self::Cancelled | Self::Failed => false,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
