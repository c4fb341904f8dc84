//! Why a command is refused, and what would be allowed instead.

use crate::{
    Answer, DriverId, MAX_OPEN_ISSUES, MAX_REFUSALS, MAX_SUBSTITUTIONS, Operation, Order,
    Principal, Role, Status, StoreId, Version,
};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The principal may not know that the order exists.
    #[error("the order does not exist")]
    Unseen,
    /// No transition leads there.
    #[error("an order that is {status} cannot make this transition")]
    NoSuchTransition {
        /// The order's current status.
        status: Status,
        /// The status that was asked for, if the step was a change of status.
        to: Option<Status>,
        allowed: Allowed,
    },
    /// The transition is an operation's own.
    #[error("this transition requires the operation {}", operation.name())]
    OwnedByOperation {
        /// The order's current status.
        status: Status,
        operation: Operation,
    },
    /// The order is this driver's already.
    #[error("the order is already assigned to {driver}")]
    AlreadyAssigned {
        /// The order's current status.
        status: Status,
        driver: DriverId,
    },
    /// The order is with this store already.
    #[error("the order is already with the store {store}")]
    SameStore {
        /// The order's current status.
        status: Status,
        store: StoreId,
    },
    /// A line has a substitution already.
    #[error("line {line} already has a substitution")]
    LineTaken {
        /// The order's current status.
        status: Status,
        line: usize,
    },
    /// A line cannot take what is proposed.
    #[error("the substitution cannot be applied to line {line}")]
    UnfitSubstitution { line: usize },
    /// The order would have more substitutions than [`MAX_SUBSTITUTIONS`].
    #[error("an order can have at most {MAX_SUBSTITUTIONS} substitutions")]
    TooManySubstitutions {
        /// The order's current status.
        status: Status,
    },
    /// The order has no such substitution.
    #[error("the order has no substitution with this id")]
    NoSuchSubstitution,
    /// The substitution has its answer.
    #[error("the substitution is already {}", answer.name())]
    Answered {
        /// The order's current status.
        status: Status,
        answer: Answer,
    },
    /// The order has a code, and none was named.
    #[error("the order has a handover code")]
    HandoverCodeMissing,
    /// The order has no code, and one was named.
    #[error("the order has no handover code")]
    NoHandoverCode,
    /// Too many wrong codes were named.
    #[error("the handover code was wrong {MAX_REFUSALS} times")]
    HandoverLocked {
        /// The order's current status.
        status: Status,
    },
    /// The order would have more open issues than [`MAX_OPEN_ISSUES`].
    #[error("an order can have at most {MAX_OPEN_ISSUES} open issues")]
    TooManyIssues {
        /// The order's current status.
        status: Status,
    },
    /// No such issue is open.
    #[error("the issue is not open")]
    NoSuchIssue {
        /// The order's current status.
        status: Status,
        open: Vec<Version>,
    },
    /// It is for open orders.
    #[error("the order is closed")]
    IsClosed {
        /// The order's current status.
        status: Status,
    },
    /// It is for closed orders.
    #[error("the order is open")]
    IsOpen {
        /// The order's current status.
        status: Status,
    },
    /// The transition is there, for others.
    #[error("the role {} cannot make this transition", role.name())]
    NotYours { role: Role, allowed: Allowed },
    /// The workflow asks for something that the order does not have.
    #[error("an order of this workflow needs {name}")]
    MissingField { name: &'static str },
    /// The workflow cannot do what is asked of it.
    #[error("{name} {why}")]
    UnfitField {
        name: &'static str,
        /// Why not, and what would do.
        why: &'static str,
    },
    /// The merchant gave the same `external_id` to another order.
    #[error("another order has the external_id")]
    ExternalIdTaken,
    /// The order would be somebody else's.
    #[error("orders can be created only for the caller's own merchant, store and reference")]
    ForAnother,
    /// The role creates no orders.
    #[error("the role {} cannot create orders", role.name())]
    MayNotCreate { role: Role },
}

/// The transitions that a principal may make on an order in its current status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// The statuses that it may change the order to.
    pub statuses: Vec<Status>,
    /// The operations that it may call.
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
            if transition.by.contains(&principal.role()) {
                if transition.owner().is_none() && !allowed.statuses.contains(&transition.to) {
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
