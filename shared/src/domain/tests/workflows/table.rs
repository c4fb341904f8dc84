//! How a workflow's expectation is written down, and what follows from it.

use crate::domain::{Operation, Phase, Role};

/// What a workflow is to be.
pub(super) struct Table {
    pub(super) workflow: &'static str,
    pub(super) initial: &'static str,
    /// The statuses that its creation leads through.
    pub(super) automatic: &'static [&'static str],
    /// Each status with its phase and the drivers whom an order can have in it.
    pub(super) statuses: &'static [(&'static str, Phase, &'static [Option<&'static str>])],
    pub(super) steps: &'static [Step],
}

pub(super) struct Step {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// The operation that alone takes it; a change of status where there is none.
    pub(super) by: Option<Operation>,
    pub(super) whose: &'static [Role],
}

pub(super) const fn step(
    from: &'static str,
    to: &'static str,
    by: Option<Operation>,
    whose: &'static [Role],
) -> Step {
    Step { from, to, by, whose }
}

/// What becomes of a command, with what its refusal offers instead: the names of
/// statuses and operations, in the order of the alphabet.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Moves { to: &'static str },
    NoSuchEdge { offered: Vec<&'static str> },
    NotYours { offered: Vec<&'static str> },
    OwnedBy(Operation),
    AlreadyAssigned,
    Unseen,
}

impl Table {
    /// The step between two statuses.
    pub(super) fn step(&self, from: &str, to: &str) -> Option<&Step> {
        self.steps.iter().find(|step| (step.from, step.to) == (from, to))
    }

    /// The step that an operation takes.
    pub(super) fn step_by(&self, from: &str, by: Operation) -> Option<&Step> {
        self.steps.iter().find(|step| step.from == from && step.by == Some(by))
    }

    /// What the table makes of a step by somebody who sees the order.
    pub(super) fn expected(
        &self,
        status: &'static str,
        role: Role,
        step: Option<&Step>,
        by: Option<Operation>,
    ) -> Outcome {
        let offered = || {
            let yours =
                self.steps.iter().filter(|step| step.from == status && step.whose.contains(&role));
            let mut names: Vec<_> =
                yours.map(|step| step.by.map_or(step.to, Operation::name)).collect();
            names.sort_unstable();
            names
        };
        match step {
            None => Outcome::NoSuchEdge { offered: offered() },
            Some(Step { by: Some(owner), .. }) if by != Some(*owner) => Outcome::OwnedBy(*owner),
            Some(step) if !step.whose.contains(&role) => Outcome::NotYours { offered: offered() },
            Some(step) => Outcome::Moves { to: step.to },
        }
    }
}
