//! What the domain refuses, as a problem: what is wrong, and what to do.

use std::borrow::Cow;

use domain::{MAX_OPEN_ISSUES, MAX_REFUSALS, MAX_SUBSTITUTIONS, Rejection, Status};

use super::{Problem, ProblemKind};

const NO_SUBSTITUTION: &str = "The order has no such substitution.";

impl Problem {
    /// What an order does not do as it stands.
    fn conflict(kind: ProblemKind, status: Status, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, detail).with(|it| it.order_status = Some(status))
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unseen => Self::not_found(),
            Rejection::NoSuchTransition { status, allowed } => {
                let detail = format!(
                    "The order is {status}, and no step leads there. What you may do with it \
                     stands in `allowed` and `operations`."
                );
                Self::conflict(ProblemKind::TransitionNotAllowed, status, detail).allowed(allowed)
            }
            Rejection::OwnedByOperation { status, operation } => {
                let path = format!("POST /orders/{{id}}/{}", operation.name());
                let detail = format!("This step belongs to an operation: {path}.");
                Self::conflict(ProblemKind::OwnedByOperation, status, detail)
                    .with(|it| it.operation = Some(operation))
            }
            Rejection::AlreadyAssigned { status, driver } => {
                let detail = format!("The order is assigned to {driver}: there is nothing to do.");
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.driver = Some(driver))
            }
            Rejection::SameStore { status, store } => {
                let detail = format!("The order is with {store} already: there is nothing to do.");
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.store = Some(store))
            }
            Rejection::LineTaken { status, line } => {
                let detail = format!("Line {line} has a substitution already.");
                Self::conflict(ProblemKind::LineTaken, status, detail)
                    .with(|it| it.line = Some(line))
            }
            Rejection::TooManySubstitutions { status } => {
                let detail = format!("An order has at most {MAX_SUBSTITUTIONS} substitutions.");
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::UnfitSubstitution { line } => {
                Self::field("/substitutions", format!("line {line} cannot take this"))
            }
            Rejection::NoSuchSubstitution => Self::new(ProblemKind::NotFound, NO_SUBSTITUTION),
            Rejection::Answered { status, answer } => {
                let detail = format!("The substitution is {} already.", answer.name());
                Self::conflict(ProblemKind::Answered, status, detail)
                    .with(|it| it.answer = Some(answer))
            }
            Rejection::HandoverCodeMissing => {
                Self::field("/proof/code", "is required: the customer has it")
            }
            Rejection::NoHandoverCode => {
                Self::field("/proof/code", "must be absent: the order has none")
            }
            Rejection::HandoverLocked { status } => {
                let detail = format!(
                    "Wrong codes were named {MAX_REFUSALS} times. Ask operations to deliver it."
                );
                Self::conflict(ProblemKind::HandoverLocked, status, detail)
            }
            Rejection::TooManyIssues { status } => {
                let detail = format!(
                    "An order has at most {MAX_OPEN_ISSUES} open issues. Resolve one first."
                );
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::NoSuchIssue { status, open } => {
                let detail = "No such issue is open. Those that are stand in `issues`.";
                Self::conflict(ProblemKind::IssueNotOpen, status, detail)
                    .with(|it| it.issues = Some(open))
            }
            Rejection::IsClosed { status } => {
                let detail = format!("The order is {status}, and this is for open orders.");
                Self::conflict(ProblemKind::OrderClosed, status, detail)
            }
            Rejection::IsOpen { status } => {
                let detail = format!("The order is {status}, and this is for closed orders.");
                Self::conflict(ProblemKind::OrderOpen, status, detail)
            }
            Rejection::MissingField { name } => {
                Self::field(&format!("/{name}"), "is required by the order's workflow")
            }
            Rejection::UnfitField { name, why } => Self::field(&format!("/{name}"), why),
            Rejection::NotYours { role, allowed } => {
                let role = role.name();
                let detail = format!(
                    "This is not for the role {role}. What you may do to move the order \
                     stands in `allowed` and `operations`."
                );
                Self::new(ProblemKind::Forbidden, detail).allowed(allowed)
            }
            Rejection::ExternalIdTaken => {
                let detail = "Another order of the merchant has this external_id.";
                Self::new(ProblemKind::ExternalIdTaken, detail)
            }
            Rejection::ForAnother => {
                let detail = "You create orders for your own merchant, store and reference only.";
                Self::new(ProblemKind::Forbidden, detail)
            }
            Rejection::MayNotCreate { role } => {
                let role = role.name();
                Self::new(ProblemKind::Forbidden, format!("The role {role} creates no orders."))
            }
        }
    }
}
