//! An operation as one row: how its request is read, and what the documents say.

use std::collections::BTreeSet;

use domain::{Operation, Workflow};
use http_api::ProblemKind;
use serde_json::Value;

use crate::change::ReadAction;
use crate::describe::Endpoint;

/// An operation's route: its path is the operation's name.
pub(super) struct OperationRoute {
    pub(super) operation: Operation,
    /// Its name in generated clients.
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) read: ReadAction,
    /// A body of each form that it can have.
    pub(super) examples: fn() -> Vec<Value>,
    /// The refusals beside those of every step.
    pub(super) refusals: &'static [ProblemKind],
}

impl OperationRoute {
    pub(super) fn path(&self) -> String {
        format!("/orders/{{id}}/{}", self.operation.name())
    }

    pub(super) fn describe<'a>(&self, endpoint: Endpoint<'a>) -> Endpoint<'a> {
        endpoint
            .is(self.id, self.tag, self.summary)
            .about(&whose(self.operation))
            .changes(self.read, &(self.examples)())
            .refuses(&[ProblemKind::TransitionNotAllowed])
            .refuses(self.refusals)
    }
}

/// The roles that may call it, as the workflows' tables say.
fn whose(operation: Operation) -> String {
    let steps = |workflow: &'static &Workflow| {
        let transitions = workflow.transitions.iter().filter(|it| it.operation == Some(operation));
        let roles: BTreeSet<_> = transitions.flat_map(|it| it.by).map(|role| role.name()).collect();
        let roles = roles.into_iter().collect::<Vec<_>>().join(", ");
        (!roles.is_empty()).then(|| format!("`{}`: {roles}", workflow.name))
    };
    let steps: Vec<_> = Workflow::ALL.iter().filter_map(steps).collect();
    format!("Roles, by workflow: {}.", steps.join("; "))
}

/// An operation that says nothing more than its name.
macro_rules! plain {
    ($operation:ident, $id:literal, $summary:literal) => {
        OperationRoute {
            operation: Operation::$operation,
            id: $id,
            tag: "Steps",
            summary: $summary,
            read: |_, _| Some(Step::Plain(Operation::$operation).into()),
            examples: || vec![json!({ "note": "By telephone." })],
            refusals: &[],
        }
    };
}

pub(super) use plain;
