//! An operation as one row: the reader of its request, and its description.

use std::collections::BTreeSet;

use domain::{Operation, Transition, Workflow};
use http_api::ProblemKind;
use serde_json::Value;

use crate::change::ReadAction;
use crate::describe::Endpoint;

/// The route of an operation. The last part of its path is the operation's name.
pub(super) struct OperationRoute {
    pub(super) operation: Operation,
    /// The `operationId`, which names the operation in generated clients.
    pub(super) id: &'static str,
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    pub(super) read: ReadAction,
    /// An example of each form of the body.
    pub(super) examples: fn() -> Vec<Value>,
    /// The kinds of problems beside those of every step.
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

/// Lists the roles that may call the operation, by workflow.
fn whose(operation: Operation) -> String {
    let steps = |workflow: &'static &Workflow| {
        let transitions = workflow.transitions.iter().filter(|it| it.operation == Some(operation));
        let roles: BTreeSet<_> = transitions.flat_map(Transition::roles).collect();
        let roles = roles.into_iter().collect::<Vec<_>>().join(", ");
        (!roles.is_empty()).then(|| format!("`{}`: {roles}", workflow.name))
    };
    let steps: Vec<_> = Workflow::ALL.iter().filter_map(steps).collect();
    format!("Roles, by workflow: {}.", steps.join("; "))
}

/// Defines an operation whose body has no fields of its own.
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
