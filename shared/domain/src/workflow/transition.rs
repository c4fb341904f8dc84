//! The transitions of a workflow.

use super::{Operation, Stamp, Status};
use crate::{Answers, Role};

/// A transition, or the same one from several statuses.
#[derive(Debug)]
pub struct Transition {
    /// Where it may start.
    pub from: &'static [Status],
    /// Where it leads.
    pub to: Status,
    /// The roles that may make the transition; `Driver` means the driver whom the order is
    /// assigned to.
    pub by: &'static [Role],
    /// The operation that takes it, and alone if it [owns its
    /// step](Operation::owns_its_step); without one, only a change of status does.
    pub operation: Option<Operation>,
    /// Where the order's substitutions must stand once it is taken: an operation
    /// that leads to several places leads to the one whose condition holds.
    pub when: Option<Answers>,
    /// The time that the order keeps of it.
    pub stamp: Option<Stamp>,
}

impl Transition {
    pub(crate) const fn new(from: &'static [Status], to: Status, by: &'static [Role]) -> Self {
        Self { from, to, by, operation: None, when: None, stamp: None }
    }

    pub(crate) const fn with(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    pub(crate) const fn when(mut self, answers: Answers) -> Self {
        self.when = Some(answers);
        self
    }

    pub(crate) const fn stamped(mut self, stamp: Stamp) -> Self {
        self.stamp = Some(stamp);
        self
    }

    /// The operation that alone may take it.
    pub const fn owner(&self) -> Option<Operation> {
        match self.operation {
            Some(operation) if operation.owns_its_step() => Some(operation),
            _ => None,
        }
    }
}
