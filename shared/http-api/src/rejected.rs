//! The domain's rejections as problems: the cause, and the action to take.

use std::borrow::Cow;

use domain::{
    Allowed, MAX_OPEN_ISSUES, MAX_REFUSALS, MAX_SUBSTITUTIONS, Rejection, Status, UnfitField,
};

use super::{FieldError, Problem, ProblemKind};

const NO_SUBSTITUTION: &str = "The order has no substitution with this id.";
const EXTERNAL_ID_TAKEN: &str = "Another order of this merchant already has this external_id.";
const FOR_ANOTHER: &str = "You can create orders only for your own merchant, store and customer \
                              reference.";

impl Problem {
    /// A conflict with the order's current state.
    fn conflict(kind: ProblemKind, status: Status, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, detail).with(|it| it.order_status = Some(status))
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unseen => Self::not_found(),
            Rejection::NoSuchTransition { status, to, allowed } => {
                let detail = no_such_transition(status, to, &allowed);
                Self::conflict(ProblemKind::TransitionNotAllowed, status, detail).allowed(allowed)
            }
            Rejection::OwnedByOperation { status, operation } => {
                let path = format!("POST /orders/{{id}}/{}", operation.name());
                let detail = format!("This transition must be made with its operation: {path}.");
                Self::conflict(ProblemKind::OwnedByOperation, status, detail)
                    .with(|it| it.operation = Some(operation))
            }
            Rejection::AlreadyAssigned { status, driver } => {
                let detail =
                    format!("The order is already assigned to {driver}; nothing was changed.");
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.driver = Some(driver))
            }
            Rejection::SameStore { status, store } => {
                let detail =
                    format!("The order is already with the store {store}; nothing was changed.");
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.store = Some(store))
            }
            Rejection::LineTaken { status, line } => {
                let detail = format!("Line {line} already has a substitution.");
                Self::conflict(ProblemKind::LineTaken, status, detail)
                    .with(|it| it.line = Some(line))
            }
            Rejection::TooManySubstitutions { status } => {
                let detail =
                    format!("An order can have at most {MAX_SUBSTITUTIONS} substitutions.");
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::UnfitSubstitution { line } => {
                Self::field("/substitutions", format!("cannot be applied to line {line}"))
            }
            Rejection::NoSuchSubstitution => Self::new(ProblemKind::NotFound, NO_SUBSTITUTION),
            Rejection::Answered { status, answer } => {
                let detail = format!("The substitution is already {}.", answer.name());
                Self::conflict(ProblemKind::Answered, status, detail)
                    .with(|it| it.answer = Some(answer))
            }
            Rejection::HandoverCodeMissing => {
                Self::field("/proof/code", "is required: ask the customer for it")
            }
            Rejection::NoHandoverCode => {
                Self::field("/proof/code", "must be omitted: the order has no handover code")
            }
            Rejection::HandoverLocked { status } => {
                let detail = format!(
                    "The handover code was wrong {MAX_REFUSALS} times. Operations can complete the \
                     delivery."
                );
                Self::conflict(ProblemKind::HandoverLocked, status, detail)
            }
            Rejection::TooManyIssues { status } => {
                let detail = format!(
                    "An order can have at most {MAX_OPEN_ISSUES} open issues. Resolve one first."
                );
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::NoSuchIssue { status, open } => {
                let detail = "This issue is not open. `issues` lists the open ones.";
                Self::conflict(ProblemKind::IssueNotOpen, status, detail)
                    .with(|it| it.issues = Some(open))
            }
            Rejection::IsClosed { status } => {
                let detail =
                    format!("The order is {status}; this operation requires an open order.");
                Self::conflict(ProblemKind::OrderClosed, status, detail)
            }
            Rejection::IsOpen { status } => {
                let detail =
                    format!("The order is {status}; this operation requires a closed order.");
                Self::conflict(ProblemKind::OrderOpen, status, detail)
            }
            Rejection::UnfitFields(unfit) => {
                let error = |UnfitField { name, why }| FieldError {
                    pointer: format!("/{name}"),
                    detail: why.to_owned(),
                };
                Self::fields(unfit.into_iter().map(error).collect())
            }
            Rejection::NotYours { role, allowed } => {
                let (role, way_out) = (role.name(), way_out(&allowed));
                let detail = format!("The role {role} cannot do this. {way_out}");
                Self::new(ProblemKind::Forbidden, detail).allowed(allowed)
            }
            Rejection::ExternalIdTaken => {
                Self::new(ProblemKind::ExternalIdTaken, EXTERNAL_ID_TAKEN)
            }
            Rejection::ForAnother => Self::new(ProblemKind::Forbidden, FOR_ANOTHER),
            Rejection::MayNotCreate { role } => {
                let role = role.name();
                Self::new(ProblemKind::Forbidden, format!("The role {role} cannot create orders."))
            }
        }
    }
}

fn no_such_transition(status: Status, to: Option<Status>, allowed: &Allowed) -> String {
    let refused = match to {
        Some(to) => format!("Cannot go from {status} to {to}"),
        None => format!("Not possible while the order is {status}"),
    };
    if status.phase().is_open() {
        format!("{refused}. {}", way_out(allowed))
    } else {
        format!("{refused}: this order is closed.")
    }
}

/// Tells what the caller can do instead.
const fn way_out(allowed: &Allowed) -> &'static str {
    if allowed.is_empty() {
        "No transition of this order is open to you now."
    } else {
        "`allowed` and `operations` list what you can do."
    }
}
