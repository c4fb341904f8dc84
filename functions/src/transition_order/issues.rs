//! `POST /orders/{id}/issues` and `POST /orders/{id}/issues/{issue}/resolve`.

use domain::{Description, InPlace, Invalid, IssueKind, Severity, Version};
use http_api::ProblemKind;
use serde_json::json;

use crate::change::ReadAction;
use crate::describe::Endpoint;

/// `{"type", "severity", "description"}`
pub(super) const OPEN: ReadAction = |fields, _| {
    let kind = fields.required_text("type", |name| {
        IssueKind::named(name).ok_or_else(|| one_of(IssueKind::ALL.map(IssueKind::name)))
    });
    let severity = fields.required_text("severity", |name| {
        Severity::named(name).ok_or_else(|| one_of(Severity::ALL.map(Severity::name)))
    });
    let description = fields.required_text("description", Description::parse);
    let (kind, severity, description) = (kind?, severity?, description?);
    Some(InPlace::OpenIssue { kind, severity, description }.into())
};

/// `{"resolution"}`; the issue is in the path.
pub(super) const RESOLVE: ReadAction = |fields, target| {
    let resolution = fields.required_text("resolution", Description::parse)?;
    Some(InPlace::ResolveIssue { id: Version(target.subresource?), resolution }.into())
};

pub(super) fn describe_open(it: Endpoint<'_>) -> Endpoint<'_> {
    let example = json!({
        "type": "damaged",
        "severity": "medium",
        "description": "One box of tea is torn.",
    });
    it.is("openIssue", "Issues", "Open an issue")
        .about("For anyone who can see the order, open or closed.")
        .changes(OPEN, &[example])
        .refuses(&[ProblemKind::TooMany])
}

pub(super) fn describe_resolve(it: Endpoint<'_>) -> Endpoint<'_> {
    it.is("resolveIssue", "Issues", "Resolve an issue")
        .about(
            "For its author, the merchant, operations and support, on open and closed orders. \
             Issues of the types `safety` and `payment` are for operations and support alone.",
        )
        .changes(RESOLVE, &[json!({ "resolution": "A new box is on its way." })])
        .refuses(&[ProblemKind::IssueNotOpen])
}

fn one_of<const N: usize>(names: [&str; N]) -> Invalid {
    Invalid(format!("must be one of: {}", names.join(", ")).into())
}
