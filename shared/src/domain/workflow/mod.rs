//! Workflows: how orders move, as tables of data. A further workflow is a
//! further table, listed in [`Workflow::ALL`].

mod common;
mod courier;
mod parcel;

use std::fmt;

use serde::{Serialize, Serializer};

use super::Role;

/// How one kind of order moves.
#[derive(Debug)]
pub struct Workflow {
    /// Its name in bodies and storage.
    pub name: &'static str,
    /// Where an order begins.
    pub initial: Status,
    /// Where Waybill itself takes it from there, in the commit of creation.
    pub automatic: &'static [Status],
    /// Every status.
    pub statuses: &'static [Status],
    /// Every step from one status to another.
    pub edges: &'static [Edge],
}

impl Workflow {
    /// Every workflow there is.
    pub const ALL: &'static [&'static Self] = &[&courier::COURIER, &parcel::PARCEL];

    /// What an order follows that names no workflow.
    pub const DEFAULT: &'static Self = &courier::COURIER;

    /// The workflow called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().copied().find(|workflow| workflow.name == name)
    }

    /// The status called `name`.
    pub fn status(&self, name: &str) -> Option<Status> {
        self.statuses.iter().copied().find(|status| status.name == name)
    }

    /// The step between two statuses.
    pub fn edge(&self, from: Status, to: Status) -> Option<&'static Edge> {
        self.edges.iter().find(|edge| edge.to == to && edge.from.contains(&from))
    }

    /// The step that `operation` takes from a status.
    pub fn edge_of(&self, operation: Operation, from: Status) -> Option<&'static Edge> {
        self.edges_from(from).find(|edge| edge.operation == Some(operation))
    }

    /// Every step from a status.
    pub fn edges_from(&self, from: Status) -> impl Iterator<Item = &'static Edge> {
        self.edges.iter().filter(move |edge| edge.from.contains(&from))
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

/// A step, or the same step from several statuses.
#[derive(Debug)]
pub struct Edge {
    /// Where it may start.
    pub from: &'static [Status],
    /// Where it leads.
    pub to: Status,
    /// Whose step it is; `Driver` means the driver whom the order is assigned to.
    pub by: &'static [Role],
    /// The operation that alone may take it; without one, a change of status does.
    pub operation: Option<Operation>,
}

impl Edge {
    const fn new(from: &'static [Status], to: Status, by: &'static [Role]) -> Self {
        Self { from, to, by, operation: None }
    }

    const fn owned_by(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }
}

/// A command that carries more than a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Names the driver.
    Assign,
    /// Takes the order from its driver.
    Unassign,
}

impl Operation {
    /// Its last segment in the URL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Unassign => "unassign",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_sound() {
        for workflow in Workflow::ALL {
            let known = |status: &Status| workflow.statuses.contains(status);
            assert!(known(&workflow.initial) && workflow.automatic.iter().all(known));
            for (at, status) in workflow.statuses.iter().enumerate() {
                assert!(!workflow.statuses[..at].iter().any(|other| other.name == status.name));
                let leaves = workflow.edges_from(*status).count();
                assert_eq!(leaves > 0, status.phase.is_open(), "{} {status}", workflow.name);
            }
            for edge in workflow.edges {
                assert!(known(&edge.to) && edge.from.iter().all(known));
                for from in edge.from {
                    let same = workflow.edges_from(*from).filter(|other| other.to == edge.to);
                    assert_eq!(same.count(), 1, "{} {from} → {}", workflow.name, edge.to);
                }
            }
        }
    }
}
