//! The notation of a workflow's table, and the outcomes that follow from it.

use crate::harness::{Change, OPERATIONS};

/// The expected behaviour of a workflow.
pub(super) struct Table {
    pub(super) workflow: &'static str,
    /// The steps from the status on the left, by the column at the top: an operation, or a status
    /// that no operation leads to. A cell names the people who may take the step: `O`ps,
    /// `M`erchant (and its store), `D`river and `C`ustomer; `m` is the merchant of an order
    /// without a driver; a dot means nobody. After `=` are the people who brought the order to the
    /// status on the left: they may do so again, and nothing changes.
    pub(super) grids: &'static [&'static str],
    /// The status that each operation leads to. `alone` means that no change of status does the
    /// same; it is followed by the other statuses that the operation may lead to, depending on
    /// the order's substitutions; `itself` is the status that the order is in.
    pub(super) leads: &'static str,
    /// The steps that lead to each status, named by the columns of the grids.
    pub(super) ways: &'static str,
}

/// The changes that keep an order's status, in every workflow: the people who may make them (`S`
/// is support), and the problem with which they are refused otherwise.
const IN_PLACE: &str = "
    the order is  open  closed or_else
    open_issue    OSMDC OSMDC  .
    resolve_issue OSMDC OSMDC  .
    correct       OMC   .      order-closed
    erase         .     O      order-open
";

/// The statuses that are closed, in every workflow.
const CLOSED: [&str; 4] = ["delivered", "returned", "cancelled", "failed"];

/// A person who may see an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seer {
    pub(super) letter: char,
    /// True if the order has a driver.
    pub(super) driven: bool,
}

impl Seer {
    pub(super) const OPS: Self = Self { letter: 'O', driven: true };

    fn is_of(self, whose: &str) -> bool {
        whose.contains(self.letter)
            || (!self.driven && whose.contains(self.letter.to_ascii_lowercase()))
    }

    /// True if the cell is the person's with a driver or without one.
    fn is_ever_of(self, whose: &str) -> bool {
        Self { driven: false, ..self }.is_of(whose)
    }
}

/// A request about an order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ask {
    /// `PATCH /orders/{id}/status`
    Status(&'static str),
    /// `POST /orders/{id}/OPERATION`
    Operation(&'static str),
    /// A row of [`IN_PLACE`].
    InPlace(&'static str),
}

/// The outcome of a request of a person who may see the order.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Moves {
        to: &'static str,
    },
    Stays,
    /// Nothing is changed or recorded.
    Same,
    NoSuchStep,
    NotYours,
    /// Only one of these operations leads to the status.
    OwnedBy(Vec<&'static str>),
    /// Refused with a problem of this kind.
    Refused(&'static str),
}

/// A column of the grids, in one status.
struct Cell {
    /// The operation, or `None` for a change of status.
    operation: Option<&'static str>,
    to: &'static str,
    /// The other statuses that it may lead to.
    or: Vec<&'static str>,
    alone: bool,
    whose: &'static str,
}

impl Cell {
    fn repeats(&self) -> bool {
        self.whose.starts_with('=')
    }

    /// True if the request asks for the step, from whatever status.
    fn is_meant(&self, ask: Ask, from: &str) -> bool {
        match ask {
            Ask::Operation(name) => self.operation == Some(name),
            Ask::Status(to) => {
                let is_or = self.or.contains(&to) || (to == from && self.or.contains(&"itself"));
                self.to == to || is_or
            }
            Ask::InPlace(_) => false,
        }
    }
}

fn words(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.trim().lines().map(|line| line.split_whitespace().collect())
}

/// Returns the path of the operation in a column of a grid.
fn operation(column: &'static str) -> &'static str {
    match column {
        "approve" => "substitutions/{substitution}/approve",
        "decline" => "substitutions/{substitution}/reject",
        other => other,
    }
}

impl Ask {
    /// Returns every request for an order of a workflow.
    pub(super) fn all(table: &Table) -> Vec<Self> {
        let in_place = words(IN_PLACE).skip(1).map(|row| Self::InPlace(row[0]));
        let statuses = table.statuses().into_iter().map(Self::Status);
        statuses.chain(OPERATIONS.map(Self::Operation)).chain(in_place).collect()
    }

    /// Returns the request; `issue` is the number of an open issue.
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

    /// Returns each status, with the steps that lead to it.
    pub(super) fn ways(&self) -> impl Iterator<Item = (&'static str, Vec<Ask>)> {
        words(self.ways).map(|row| {
            let steps = row[1..].iter().map(|step| match self.lead(step) {
                Some(_) => Ask::Operation(operation(step)),
                None => Ask::Status(step),
            });
            (row[0], steps.collect())
        })
    }

    /// Returns the row of a column in `leads`, or `None` if the column is not an operation.
    fn lead(&self, column: &str) -> Option<Vec<&'static str>> {
        words(self.leads).find(|row| row[0] == column)
    }

    /// Returns the possible steps from a status.
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

    /// Returns the outcome of a request of a person who may see the order.
    pub(super) fn outcome(&self, status: &'static str, seer: Seer, ask: Ask) -> Outcome {
        if let Ask::InPlace(name) = ask {
            return in_place(name, status, seer);
        }
        let mut cells = self.cells(status);
        cells.retain(|cell| cell.is_meant(ask, status) && seer.is_of(cell.whose));
        match (ask, cells.iter().find(|cell| !cell.alone)) {
            (Ask::Status(_), None) if !cells.is_empty() => {
                Outcome::OwnedBy(cells.iter().filter_map(|it| it.operation).collect())
            }
            (_, _) if cells.is_empty() => self.closed_to(seer, ask),
            (_, _) if cells.iter().any(Cell::repeats) => Outcome::Same,
            (Ask::Status(_), Some(cell)) => Outcome::Moves { to: cell.to },
            (_, _) => Outcome::Moves { to: cells[0].to },
        }
    }

    /// Returns the refusal of a step that is not open to the person now. If it is in another
    /// status, or never for anybody, the status is the reason; otherwise the person is.
    fn closed_to(&self, seer: Seer, ask: Ask) -> Outcome {
        let meant =
            |status| self.cells(status).into_iter().filter(move |cell| cell.is_meant(ask, status));
        let all: Vec<_> = self.statuses().into_iter().flat_map(meant).collect();
        if all.is_empty() || all.iter().any(|cell| seer.is_ever_of(cell.whose)) {
            Outcome::NoSuchStep
        } else {
            Outcome::NotYours
        }
    }

    /// Returns the statuses and the operations that a refusal offers instead, both in
    /// alphabetical order.
    pub(super) fn offered(&self, status: &str, seer: Seer) -> [Vec<&'static str>; 2] {
        let mut yours = self.cells(status);
        yours.retain(|cell| seer.is_of(cell.whose) && !cell.repeats());
        let statuses = yours.iter().filter(|cell| !cell.alone).map(|cell| cell.to);
        let operations = yours.iter().filter_map(|cell| cell.operation);
        [statuses.collect(), operations.collect()].map(|mut names: Vec<_>| {
            names.sort_unstable();
            names
        })
    }
}

fn in_place(name: &str, status: &str, seer: Seer) -> Outcome {
    let row = words(IN_PLACE).find(|row| row[0] == name).expect("a row");
    let [_, open, closed, or_else] = row[..] else { panic!("a row of four: {row:?}") };
    let (now, otherwise) = if CLOSED.contains(&status) { (closed, open) } else { (open, closed) };
    if seer.is_of(now) {
        Outcome::Stays
    } else if seer.is_of(otherwise) {
        Outcome::Refused(or_else)
    } else {
        Outcome::NotYours
    }
}
