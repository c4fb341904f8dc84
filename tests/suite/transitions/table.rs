//! How a workflow's table is written, and what follows from it.

use crate::harness::{Change, OPERATIONS};

/// What a workflow is to be.
pub(super) struct Table {
    pub(super) workflow: &'static str,
    /// From the status at the left, by what stands at the top: an operation, or the
    /// status that no operation leads to. A cell names who may, of `O`ps,
    /// `M`erchant (and its store), `D`river and `C`ustomer; with a dot nobody may.
    pub(super) grids: &'static [&'static str],
    /// Where each operation leads. What it does `alone`, no change of status does;
    /// behind that stands where else it leads, if the order's substitutions are others.
    pub(super) leads: &'static str,
    /// How an order gets to a status, by what stands at the top of the grids.
    pub(super) ways: &'static str,
}

/// What leaves an order where it stands, in every workflow: who may (`S` is
/// support), or how everybody is refused.
const IN_PLACE: &str = "
    the order is  open       closed
    open_issue    OSMDC      OSMDC
    resolve_issue OSMDC      OSMDC
    correct       OMC        order-closed
    erase         order-open O
";

/// The statuses that are closed, in every workflow.
const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// What can be asked of an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ask {
    /// `PATCH /orders/{id}/status`
    Status(&'static str),
    /// `POST /orders/{id}/OPERATION`
    Operation(&'static str),
    /// A row of [`IN_PLACE`].
    InPlace(&'static str),
}

/// What becomes of it, for whoever sees the order.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Moves {
        to: &'static str,
    },
    Stays,
    NoSuchStep,
    NotYours,
    /// One of these alone leads there.
    OwnedBy(Vec<&'static str>),
    /// By a problem of this kind.
    Refused(&'static str),
}

/// A column of the grids, in one status.
struct Cell {
    /// The operation; none for a change of status.
    operation: Option<&'static str>,
    to: &'static str,
    /// Where else it leads.
    or: Vec<&'static str>,
    alone: bool,
    whose: &'static str,
}

fn words(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.trim().lines().map(|line| line.split_whitespace().collect())
}

/// The path of what stands at the top of a grid.
fn operation(column: &'static str) -> &'static str {
    match column {
        "approve" => "substitutions/{substitution}/approve",
        "decline" => "substitutions/{substitution}/reject",
        other => other,
    }
}

impl Ask {
    /// Everything that can be asked of an order of a workflow.
    pub(super) fn all(table: &Table) -> Vec<Self> {
        let in_place = words(IN_PLACE).skip(1).map(|row| Self::InPlace(row[0]));
        let statuses = table.statuses().into_iter().map(Self::Status);
        statuses.chain(OPERATIONS.map(Self::Operation)).chain(in_place).collect()
    }

    /// The request; `issue` is one that is open.
    pub(super) fn change(self, issue: u64) -> Change {
        match self {
            Self::Status(to) => Change::status(to),
            Self::Operation(name) => Change::operation(name),
            Self::InPlace("open_issue") => Change::open_issue(),
            Self::InPlace("resolve_issue") => Change::resolve_issue().of_subresource(issue),
            Self::InPlace("correct") => Change::correct_details(),
            Self::InPlace(_) => Change::erase_details(),
        }
    }
}

impl Table {
    fn statuses(&self) -> Vec<&'static str> {
        words(self.grids[0]).skip(1).map(|row| row[0]).collect()
    }

    /// Each status, and how an order gets there.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&'static str, Vec<Ask>)> {
        words(self.ways).map(|row| {
            let steps = row[1..].iter().map(|step| match self.lead(step) {
                Some(_) => Ask::Operation(operation(step)),
                None => Ask::Status(step),
            });
            (row[0], steps.collect())
        })
    }

    /// Where what stands at the top of a grid leads, if it is an operation.
    fn lead(&self, column: &str) -> Option<Vec<&'static str>> {
        words(self.leads).find(|row| row[0] == column)
    }

    /// The steps that there are from a status.
    fn cells(&self, from: &str) -> Vec<Cell> {
        let mut cells = Vec::new();
        for grid in self.grids {
            let columns = words(grid).next().expect("columns");
            let row = words(grid).find(|row| row[0] == from).expect("a row");
            assert_eq!(row.len(), columns.len(), "{} {from}", self.workflow);
            for (column, whose) in columns.into_iter().zip(row).skip(1) {
                cells.push(match self.lead(column).as_deref() {
                    Some([_, to, rest @ ..]) => Cell {
                        operation: Some(operation(column)),
                        to,
                        or: rest.iter().skip(1).copied().collect(),
                        alone: rest.first() == Some(&"alone"),
                        whose,
                    },
                    _ => Cell { operation: None, to: column, or: vec![], alone: false, whose },
                });
            }
        }
        cells.retain(|cell| cell.whose != ".");
        cells
    }

    /// What becomes of it if somebody who sees the order asks: `letter` is theirs.
    pub(super) fn outcome(&self, status: &'static str, letter: char, ask: Ask) -> Outcome {
        let cells = self.cells(status);
        let cell = match ask {
            Ask::InPlace(name) => return in_place(name, status, letter),
            Ask::Operation(name) => cells.iter().find(|cell| cell.operation == Some(name)),
            Ask::Status(to) => {
                let there = || cells.iter().filter(|it| it.to == to || it.or.contains(&to));
                match there().find(|cell| !cell.alone) {
                    None if there().count() > 0 => {
                        return Outcome::OwnedBy(there().filter_map(|it| it.operation).collect());
                    }
                    cell => cell,
                }
            }
        };
        match cell {
            None => Outcome::NoSuchStep,
            Some(cell) if cell.whose.contains(letter) => Outcome::Moves { to: cell.to },
            Some(_) => Outcome::NotYours,
        }
    }

    /// Which statuses, and which operations, a refusal offers instead: each in the
    /// order of the alphabet.
    pub(super) fn offered(&self, status: &str, letter: char) -> [Vec<&'static str>; 2] {
        let mut yours = self.cells(status);
        yours.retain(|cell| cell.whose.contains(letter));
        let statuses = yours.iter().filter(|cell| !cell.alone).map(|cell| cell.to);
        let operations = yours.iter().filter_map(|cell| cell.operation);
        [statuses.collect(), operations.collect()].map(|mut names: Vec<_>| {
            names.sort_unstable();
            names
        })
    }
}

fn in_place(name: &str, status: &str, letter: char) -> Outcome {
    let row = words(IN_PLACE).find(|row| row[0] == name).expect("a row");
    match row[if CLOSED.contains(&status) { 2 } else { 1 }] {
        kind if kind.starts_with("order-") => Outcome::Refused(kind),
        whose if whose.contains(letter) => Outcome::Stays,
        _ => Outcome::NotYours,
    }
}
