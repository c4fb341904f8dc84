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
        /// Where the order stands.
        status: Status,
        /// The status that was asked for, if the step was a change of status.
        to: Option<Status>,
        /// What the principal may do instead.
        allowed: Allowed,
    },
    /// The transition is an operation's own.
    #[error("this transition requires the operation {}", operation.name())]
    OwnedByOperation {
        /// Where the order stands.
        status: Status,
        /// Which operation.
        operation: Operation,
    },
    /// The order is this driver's already.
    #[error("the order is already assigned to {driver}")]
    AlreadyAssigned {
        /// Where the order stands.
        status: Status,
        /// Whose it is.
        driver: DriverId,
    },
    /// The order is with this store already.
    #[error("the order is already with the store {store}")]
    SameStore {
        /// Where the order stands.
        status: Status,
        /// Whose it is.
        store: StoreId,
    },
    /// A line has a substitution already.
    #[error("line {line} already has a substitution")]
    LineTaken {
        /// Where the order stands.
        status: Status,
        /// Which.
        line: usize,
    },
    /// A line cannot take what is proposed.
    #[error("the substitution cannot be applied to line {line}")]
    UnfitSubstitution {
        /// Which.
        line: usize,
    },
    /// The order would have more substitutions than [`MAX_SUBSTITUTIONS`].
    #[error("an order can have at most {MAX_SUBSTITUTIONS} substitutions")]
    TooManySubstitutions {
        /// Where the order stands.
        status: Status,
    },
    /// The order has no such substitution.
    #[error("the order has no substitution with this id")]
    NoSuchSubstitution,
    /// The substitution has its answer.
    #[error("the substitution is already {}", answer.name())]
    Answered {
        /// Where the order stands.
        status: Status,
        /// Which.
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
        /// Where the order stands.
        status: Status,
    },
    /// The order would have more open issues than [`MAX_OPEN_ISSUES`].
    #[error("an order can have at most {MAX_OPEN_ISSUES} open issues")]
    TooManyIssues {
        /// Where the order stands.
        status: Status,
    },
    /// No such issue is open.
    #[error("the issue is not open")]
    NoSuchIssue {
        /// Where the order stands.
        status: Status,
        /// Which are.
        open: Vec<Version>,
    },
    /// It is for open orders.
    #[error("the order is closed")]
    IsClosed {
        /// Where the order stands.
        status: Status,
    },
    /// It is for closed orders.
    #[error("the order is open")]
    IsOpen {
        /// Where the order stands.
        status: Status,
    },
    /// The transition is there, for others.
    #[error("the role {} cannot make this transition", role.name())]
    NotYours {
        /// Who asked.
        role: Role,
        /// What the principal may do instead.
        allowed: Allowed,
    },
    /// The workflow asks for something that the order does not have.
    #[error("an order of this workflow needs {name}")]
    MissingField {
        /// Which field.
        name: &'static str,
    },
    /// The workflow cannot do what is asked of it.
    #[error("{name} {why}")]
    UnfitField {
        /// Which field asks for it.
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
    MayNotCreate {
        /// Who asked.
        role: Role,
    },
}

/// What a principal may do with an order as it stands.
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

    /// What `principal`, who sees the order, may do with it.
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
