//! The domain's rejections as problems: the cause, and the action to take.

use std::borrow::Cow;

use domain::{
    Allowed, MAX_ISSUES_OF_AUTHOR, MAX_ISSUES_OF_PARTIES, MAX_REFUSALS, MAX_SUBSTITUTIONS_PER_LINE,
    OfferEnd, Rejection, Status, Unavailable, UnfitField,
};

use super::{FieldError, Problem, ProblemKind};

const NO_SUBSTITUTION: &str = "The order has no substitution with this id.";
const ISSUE_OF_OTHERS: &str = "Only its author, the merchant, operations and support can resolve \
                               this issue.";
const FOR_ITS_DRIVER: &str = "The order has a driver, who makes this transition. `allowed` and \
                              `operations` list what you can do.";
const ONLY_OFFERED: &str = "The order is offered to you: accept or decline the offer first.";
const FOR_ANOTHER: &str = "You can create orders only for your own merchant, store and customer \
                              reference.";

/// Returns what a driver, or whoever assigns the driver, can do.
const fn then(why: Unavailable) -> &'static str {
    match why {
        Unavailable::OffDuty => "Begin the duty, or name another driver.",
        Unavailable::Full => "Wait until one of its orders is closed, or name another driver.",
    }
}

impl Problem {
    /// A conflict with the order's current state.
    fn conflict(kind: ProblemKind, status: Status, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, detail).with(|it| it.order_status = Some(status))
    }
}

impl From<Rejection> for Problem {
    #[expect(clippy::too_many_lines, reason = "one problem for each rejection")]
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Unseen => Self::not_found(),
            Rejection::NoSuchTransition { status, to, allowed } => {
                let detail = no_such_transition(status, to, &allowed);
                Self::conflict(ProblemKind::TransitionNotAllowed, status, detail).allowed(allowed)
            }
            Rejection::ForItsDriver { status, allowed } => {
                Self::conflict(ProblemKind::TransitionNotAllowed, status, FOR_ITS_DRIVER)
                    .allowed(allowed)
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
            Rejection::HasAnotherDriver { status, driver } => {
                let detail = format!(
                    "The order is assigned to {driver}; nothing was changed. To assign another \
                     driver, send If-Match with the order's version, or \"replace\": true."
                );
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.driver = Some(driver))
            }
            Rejection::DriverUnavailable { status, driver, why } => {
                let detail = format!("{driver} cannot take the order: {why}. {}", then(why));
                Self::conflict(ProblemKind::DriverUnavailable, status, detail)
                    .with(|it| it.driver = Some(driver))
            }
            Rejection::UnknownDriver { field, driver } => Self::field(
                &format!("/{field}"),
                format!(
                    "{driver} is not a driver who carries the merchant's orders: name one of the \
                     merchant's own fleet or of the platform's"
                ),
            ),
            Rejection::OnlyOffered { status: _, allowed } => {
                Self::new(ProblemKind::Forbidden, ONLY_OFFERED).allowed(allowed)
            }
            Rejection::NotOfferable { status } => {
                let detail = format!(
                    "An order that is {status} is not offered to drivers: it has one, or is not \
                     ready for one. Offer it in a status from which a driver can `accept`."
                );
                Self::conflict(ProblemKind::TransitionNotAllowed, status, detail)
            }
            Rejection::OfferOver { why } => {
                let then = match why {
                    OfferEnd::NotRegistered => "Ask the merchant or operations to register you.",
                    _ => "Wait for the next offer.",
                };
                let detail = format!("You cannot answer this offer: {why}. {then}");
                Self::new(ProblemKind::OfferOver, detail)
            }
            Rejection::OfferStands { status } => {
                let detail = "The order is offered to drivers who can still accept; nothing was \
                              changed. To offer it to others instead, send If-Match with the \
                              order's version, or \"replace\": true.";
                Self::conflict(ProblemKind::OfferStands, status, detail)
            }
            Rejection::SameStore { status, store } => {
                let detail =
                    format!("The order is already with the store {store}; nothing was changed.");
                Self::conflict(ProblemKind::AlreadyAssigned, status, detail)
                    .with(|it| it.store = Some(store))
            }
            Rejection::LineTaken { status, line } => {
                let detail = format!(
                    "Line {line} is removed, is named twice, or waits for the customer's answer. \
                     A line with a substitution keeps its quantity: report a shortage instead."
                );
                Self::conflict(ProblemKind::LineTaken, status, detail)
                    .with(|it| it.line = Some(line))
            }
            Rejection::TooManySubstitutions { status } => {
                let detail = format!(
                    "An order can have at most {MAX_SUBSTITUTIONS_PER_LINE} times as many \
                     substitutions as lines, and 32 KB of their names. A line can still be \
                     reported as missing: omit `quantity`."
                );
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::UnfitSubstitution { line, why } => {
                Self::field("/substitutions", format!("cannot be applied to line {line}: {why}"))
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
                    "An author can have at most {MAX_ISSUES_OF_AUTHOR} open issues on an order, \
                     and merchant, drivers and customer {MAX_ISSUES_OF_PARTIES} together. One must \
                     be resolved first."
                );
                Self::conflict(ProblemKind::TooMany, status, detail)
            }
            Rejection::NoSuchIssue { status, open } => {
                let detail = "This issue is not open. `issues` lists the open ones.";
                Self::conflict(ProblemKind::IssueNotOpen, status, detail)
                    .with(|it| it.issues = Some(open))
            }
            Rejection::NotYourIssue { kind, allowed } => {
                let detail = if kind.is_reserved() {
                    let kind = kind.name();
                    format!("Only operations and support can resolve an issue of the type {kind}.")
                } else {
                    ISSUE_OF_OTHERS.to_owned()
                };
                Self::new(ProblemKind::Forbidden, detail).allowed(allowed)
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
            Rejection::IsErased { status } => {
                let detail =
                    "The order's personal data is erased, so it cannot be delivered again.";
                Self::conflict(ProblemKind::OrderErased, status, detail)
            }
            Rejection::UnfitFields(unfit) => {
                let error = |UnfitField { name, why }| FieldError {
                    pointer: format!("/{name}"),
                    detail: why.to_owned(),
                };
                Self::fields(unfit.into_iter().map(error).collect())
            }
            Rejection::UnknownStore { field } => Self::field(
                &format!("/{field}"),
                "is not one of the stores in the merchant's settings",
            ),
            Rejection::NotYours { role, allowed } => {
                let (role, way_out) = (role.name(), way_out(&allowed));
                let detail = format!("The role {role} can never do this. {way_out}");
                Self::new(ProblemKind::Forbidden, detail).allowed(allowed)
            }
            // The caller may not see the order: see `Problem::external_id_taken`.
            Rejection::ExternalIdTaken { order: _ } => Self::external_id_taken(None),
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
