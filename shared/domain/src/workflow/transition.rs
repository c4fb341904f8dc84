//! The transitions of a workflow.

use super::{Operation, Stamp, Status};
use crate::{Answers, Role};

/// A transition from one status, or the same transition from several.
#[derive(Debug)]
pub struct Transition {
    pub from: &'static [Status],
    pub to: Status,
    /// The roles that may make the transition; `Driver` means a driver to whom the order is
    /// assigned or offered.
    pub by: &'static [Role],
    /// The roles that may make the transition too while the order has no driver.
    pub without_driver: &'static [Role],
    /// The operation that makes the transition, exclusively if it [owns its
    /// step](Operation::owns_its_step); `None` if only a change of status makes it.
    pub operation: Option<Operation>,
    /// The required state of the order's substitutions after the transition. If an operation
    /// has several transitions from a status, it makes the one whose condition holds.
    pub when: Option<Answers>,
    pub stamp: Option<Stamp>,
}

impl Transition {
    pub(crate) const fn new(from: &'static [Status], to: Status, by: &'static [Role]) -> Self {
        Self { from, to, by, without_driver: &[], operation: None, when: None, stamp: None }
    }

    pub(crate) const fn or_without_driver(mut self, roles: &'static [Role]) -> Self {
        self.without_driver = roles;
        self
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

    /// True if the role may make the transition of an order with or without a driver.
    pub fn is_for(&self, role: Role, has_driver: bool) -> bool {
        self.by.contains(&role) || (!has_driver && self.without_driver.contains(&role))
    }

    /// Returns the roles in words, for documents.
    pub fn roles(&self) -> impl Iterator<Item = String> {
        let by = self.by.iter().map(|role| role.name().to_owned());
        by.chain(self.without_driver.iter().map(|role| format!("{} (no driver)", role.name())))
    }

    /// Returns the operation that alone may make the transition.
    pub const fn owner(&self) -> Option<Operation> {
        match self.operation {
            Some(operation) if operation.owns_its_step() => Some(operation),
            _ => None,
        }
    }
}
