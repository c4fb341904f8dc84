//! The bodies of what is told of issues.

use shared::domain::{Action, Description, Invalid, IssueKind, Severity, Version};
use shared::http::Fields;

use crate::change::Target;

/// `{"type", "severity", "description"}`
pub(super) fn open(fields: &mut Fields<'_>) -> Option<Action> {
    let kind = fields.required_text("type", |name| {
        IssueKind::named(name).ok_or_else(|| one_of(IssueKind::ALL.map(IssueKind::name)))
    });
    let severity = fields.required_text("severity", |name| {
        Severity::named(name).ok_or_else(|| one_of(Severity::ALL.map(Severity::name)))
    });
    let description = fields.required_text("description", Description::parse);
    Some(Action::OpenIssue { kind: kind?, severity: severity?, description: description? })
}

fn one_of<const N: usize>(names: [&str; N]) -> Invalid {
    Invalid(format!("must be one of: {}", names.join(", ")).into())
}

/// `{"resolution"}`; the path names the issue.
pub(super) fn resolve(fields: &mut Fields<'_>, target: &Target<'_>) -> Option<Action> {
    let resolution = fields.required_text("resolution", Description::parse)?;
    Some(Action::ResolveIssue { id: Version(target.part?), resolution })
}
