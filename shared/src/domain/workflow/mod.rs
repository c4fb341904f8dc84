//! Workflows: how orders move, as tables of data. A further workflow is a
//! further table, listed in [`Workflow::ALL`].

mod clock;
mod common;
mod courier;
mod edge;
mod grocery;
mod operation;
mod parcel;
mod stamp;

pub use clock::{Clock, Ladder, Measure, Rung};
pub use edge::Edge;
pub use operation::Operation;
pub use stamp::Stamp;

use std::fmt;

use serde::{Serialize, Serializer};

use super::shape::schema_of_shape;
use super::{Bounds, Shape, Shaped, statuses};

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
    pub edges: &'static [Edge],
    /// How long orders may stand where, and what is done then.
    pub clocks: &'static [Clock],
    /// Where an order goes that moves by itself, one status after the other; empty where
    /// none does.
    pub autopilot: &'static [Status],
}

impl Workflow {
    /// Every workflow there is.
    pub const ALL: &'static [&'static Self] =
        &[&courier::COURIER, &grocery::GROCERY, &parcel::PARCEL];

    /// What an order follows that names no workflow.
    pub const DEFAULT: &'static Self = &courier::COURIER;

    /// The workflow called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|workflow| workflow.name == name)
    }

    /// The clock of a status, if the table has one.
    pub fn clock(&self, status: Status) -> Option<&'static Clock> {
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
    pub fn edge(&self, from: Status, to: Status) -> Option<&'static Edge> {
        let between = || self.edges_from(from).filter(|edge| edge.to == to);
        between().find(|edge| edge.owner().is_none()).or_else(|| between().next())
    }

    /// The steps that `operation` can take from a status.
    pub fn edges_of(
        &self,
        operation: Operation,
        from: Status,
    ) -> impl Iterator<Item = &'static Edge> {
        self.edges_from(from).filter(move |edge| edge.operation == Some(operation))
    }

    /// The time that an order keeps of getting from one status to another.
    pub fn stamp(&self, from: Status, to: Status) -> Option<Stamp> {
        self.edges_from(from).filter(|edge| edge.to == to).find_map(|edge| edge.stamp)
    }

    /// Every step from a status.
    pub fn edges_from(&self, from: Status) -> impl Iterator<Item = &'static Edge> {
        self.edges.iter().filter(move |edge| edge.from.contains(&from))
    }
}

impl Shaped for Workflow {
    const SHAPE: Shape = Shape {
        name: Some("Workflow"),
        about: "How an order moves.",
        bounds: Bounds::OneOf(|| Self::ALL.iter().map(|workflow| workflow.name).collect()),
    };
}

schema_of_shape!(Workflow);

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
        about: "Where an order stands in its workflow; the page of workflows says which has which.",
        bounds: Bounds::OneOf(|| statuses().map(|(name, _)| name).collect()),
    };
}

schema_of_shape!(Status);

/// What a status means in every workflow alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Nobody has begun.
    Placed,
    /// The store is at work.
    Preparing,
    /// Waiting to be picked up.
    Ready,
    /// With the carrier.
    OnTheWay,
    /// On its way back.
    Returning,
    /// Closed: handed over.
    Delivered,
    /// Closed: back where it came from.
    Returned,
    /// Closed: called off.
    Cancelled,
    /// Closed: given up.
    Failed,
}

impl Phase {
    /// Every phase, in the order of an order's life.
    pub const ALL: [Self; 9] = [
        Self::Placed,
        Self::Preparing,
        Self::Ready,
        Self::OnTheWay,
        Self::Returning,
        Self::Delivered,
        Self::Returned,
        Self::Cancelled,
        Self::Failed,
    ];

    /// Its name in bodies.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::OnTheWay => "on_the_way",
            Self::Returning => "returning",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Whether orders in this phase can still move.
    pub const fn is_open(self) -> bool {
        match self {
            Self::Placed | Self::Preparing | Self::Ready | Self::OnTheWay | Self::Returning => true,
            Self::Delivered | Self::Returned | Self::Cancelled | Self::Failed => false,
        }
    }
}

impl Serialize for Phase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Shaped for Phase {
    const SHAPE: Shape = Shape {
        name: Some("Phase"),
        about: "What a status means in every workflow alike.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
    };
}

schema_of_shape!(Phase);

#[cfg(test)]
pub(crate) mod tests;
