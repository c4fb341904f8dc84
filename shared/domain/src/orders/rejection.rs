//! The reasons why commands are rejected, and the transitions that are allowed instead.

use crate::{
    Answer, DriverId, IssueKind, MAX_ISSUES_OF_AUTHOR, MAX_REFUSALS, MAX_SUBSTITUTIONS_PER_LINE,
    OfferEnd, Operation, Order, OrderId, Principal, Role, Status, StoreId, Unavailable, UnfitField,
    Version,
};

/// The reason why a command is rejected. A variant's `status` is the order's current status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The principal must not learn that the order exists.
    #[error("the order does not exist")]
    Unseen,
    /// The workflow has no transition for the step, or the order lacks the data that the step is
    /// about.
    #[error("an order that is {status} cannot make this transition")]
    NoSuchTransition {
        status: Status,
        /// The requested status, if the step is a change of status.
        to: Option<Status>,
        allowed: Allowed,
    },
    /// The principal may make the transition only of an order without a driver.
    #[error("the order has a driver, who makes this transition")]
    ForItsDriver { status: Status, allowed: Allowed },
    /// The transition is reserved for an operation.
    #[error("this transition requires the operation {}", operation.name())]
    OwnedByOperation { status: Status, operation: Operation },
    #[error("the order is already assigned to {driver}")]
    AlreadyAssigned { status: Status, driver: DriverId },
    /// The order has another driver, whom the command does not replace.
    #[error("the order is assigned to {driver}")]
    HasAnotherDriver { status: Status, driver: DriverId },
    /// The driver has a roster, and is off duty or full.
    #[error("{why}")]
    DriverUnavailable { status: Status, driver: DriverId, why: Unavailable },
    /// The driver has no roster, though the merchant requires one, or works for another merchant.
    #[error("{driver} does not carry the merchant's orders")]
    UnknownDriver { field: &'static str, driver: DriverId },
    /// The principal is a driver who has not accepted the order that is offered.
    #[error("the order is only offered to the driver")]
    OnlyOffered { status: Status, allowed: Allowed },
    /// No driver can accept an order in this status.
    #[error("an order that is {status} cannot be offered to drivers")]
    NotOfferable { status: Status },
    /// The driver cannot answer the offer any more.
    #[error("{why}")]
    OfferOver { why: OfferEnd },
    /// Another offer stands, which the command does not replace.
    #[error("the order is offered to drivers")]
    OfferStands { status: Status },
    #[error("the order is already with the store {store}")]
    SameStore { status: Status, store: StoreId },
    /// The line is removed, or its substitution is not answered.
    #[error("line {line} cannot take another substitution")]
    LineTaken { status: Status, line: usize },
    /// The order has no such line, or the line cannot take the price difference or the quantity.
    /// An empty list of proposals is reported as line 0.
    #[error("the substitution cannot be applied to line {line}: {why}")]
    UnfitSubstitution { line: usize, why: &'static str },
    #[error("an order can have at most {MAX_SUBSTITUTIONS_PER_LINE} substitutions per line")]
    TooManySubstitutions { status: Status },
    #[error("the order has no substitution with this id")]
    NoSuchSubstitution,
    #[error("the substitution is already {}", answer.name())]
    Answered { status: Status, answer: Answer },
    /// The order has a handover code, but the command has none.
    #[error("the order has a handover code")]
    HandoverCodeMissing,
    /// The command has a handover code, but the order has none.
    #[error("the order has no handover code")]
    NoHandoverCode,
    #[error("the handover code was wrong {MAX_REFUSALS} times")]
    HandoverLocked { status: Status },
    #[error("an author can have at most {MAX_ISSUES_OF_AUTHOR} open issues on an order")]
    TooManyIssues { status: Status },
    #[error("the issue is not open")]
    NoSuchIssue { status: Status, open: Vec<Version> },
    /// The issue is for others to resolve.
    #[error("the issue of the type {} is for others to resolve", kind.name())]
    NotYourIssue { kind: IssueKind, allowed: Allowed },
    /// The action requires an open order.
    #[error("the order is closed")]
    IsClosed { status: Status },
    /// The action requires a closed order.
    #[error("the order is open")]
    IsOpen { status: Status },
    /// Without its personal data, the order cannot be delivered again.
    #[error("the order's personal data is erased")]
    IsErased { status: Status },
    /// Other roles may make the transition or take the action, but never this one.
    #[error("the role {} cannot make this transition", role.name())]
    NotYours { role: Role, allowed: Allowed },
    /// The workflow requires a field that the order lacks, or excludes one that it has.
    #[error("the fields do not fit the order or its workflow")]
    UnfitFields(Vec<UnfitField>),
    /// The merchant has registered stores, and the named one is not among them.
    #[error("{field} is not a registered store")]
    UnknownStore { field: &'static str },
    /// The merchant already used the `external_id` for another order.
    #[error("the order {order} has the external_id")]
    ExternalIdTaken { order: OrderId },
    /// The order would belong to another merchant, store or customer.
    #[error("orders can be created only for the caller's own merchant, store and reference")]
    ForAnother,
    #[error("the role {} cannot create orders", role.name())]
    MayNotCreate { role: Role },
}

/// The transitions that a principal may make on an order in its current status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// The targets of the transitions that are not reserved for an operation.
    pub statuses: Vec<Status>,
    pub operations: Vec<Operation>,
}

impl Allowed {
    /// True if the principal can do nothing with the order.
    pub const fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.operations.is_empty()
    }

    /// Returns the transitions that `principal`, who sees the order, may make.
    pub fn to(principal: &Principal, order: &Order) -> Self {
        let mut allowed = Self::default();
        for transition in order.placed.workflow.transitions_from(order.status) {
            if transition.is_for(principal.role(), order.driver.is_some()) {
                let by_status =
                    transition.owner().is_none_or(|owner| order.step_by_status(owner).is_some());
                if by_status && !allowed.statuses.contains(&transition.to) {
                    allowed.statuses.push(transition.to);
                }
                if let Some(operation) = transition.operation
                    && !allowed.operations.contains(&operation)
                {
                    allowed.operations.push(operation);
                }
            }
        }
        allowed
    }
}
