//! The lookup of workflows by name.

use domain::{Invalid, Workflow};

/// Returns the workflow called `name`.
pub(crate) fn named(name: &str) -> Result<&'static Workflow, Invalid> {
    Workflow::named(name).ok_or_else(|| {
        let names: Vec<_> = Workflow::ALL.iter().map(|workflow| workflow.name).collect();
        Invalid(format!("must be one of: {}", names.join(", ")).into())
    })
}
