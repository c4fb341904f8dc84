//! Why a command is refused, and what would be allowed instead.

use super::{DriverId, Operation, Order, Principal, Role, Status};

/// Why a command is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The principal may not know that the order exists.
    #[error("there is no such order")]
    Unseen,
    /// No edge leads there.
    #[error("an order that is {status} cannot do that")]
    NoSuchEdge {
        /// Where the order stands.
        status: Status,
        /// What the principal may do instead.
        allowed: Allowed,
    },
    /// The edge is an operation's own.
    #[error("this step is taken by the operation {}", operation.name())]
    OwnedByOperation {
        /// Where the order stands.
        status: Status,
        /// Which operation.
        operation: Operation,
    },
    /// The order is this driver's already.
    #[error("the order is assigned to {driver} already")]
    AlreadyAssigned {
        /// Where the order stands.
        status: Status,
        /// Whose it is.
        driver: DriverId,
    },
    /// The edge is there, for others.
    #[error("this step is not for the role {}", role.as_str())]
    NotYours {
        /// Who asked.
        role: Role,
        /// What the principal may do instead.
        allowed: Allowed,
    },
    /// The order would be somebody else's.
    #[error("you can create orders only for yourself")]
    ForAnother,
    /// The role creates no orders.
    #[error("the role {} creates no orders", role.as_str())]
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
    /// What `principal`, who sees the order, may do with it.
    pub fn to(principal: &Principal, order: &Order) -> Self {
        let mut allowed = Self::default();
        for edge in order.workflow.edges_from(order.status) {
            if edge.by.contains(&principal.role()) {
                match edge.operation {
                    None => allowed.statuses.push(edge.to),
                    Some(operation) => allowed.operations.push(operation),
                }
            }
        }
        allowed
    }
}
