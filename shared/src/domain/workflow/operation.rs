//! The operations that take steps.

use serde::{Serialize, Serializer};

use crate::domain::shape::schema_of_shape;
use crate::domain::{Bounds, Shape, Shaped};

/// A command that says more than a status, or less: where `pickup` leads, the order's
/// workflow knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// The store takes the order on.
    Acknowledge,
    /// The store does not, and says why.
    Reject,
    /// Another store is asked.
    Reassign,
    /// The store begins.
    StartPicking,
    /// The store is done.
    Ready,
    /// The store proposes substitutes.
    ProposeSubstitutions,
    /// The customer takes one.
    ApproveSubstitution,
    /// The customer does not, and the line is off the order.
    RejectSubstitution,
    /// Names the driver.
    Assign,
    /// Takes the order from its driver.
    Unassign,
    /// The driver has the order.
    Pickup,
    /// The customer has it.
    Deliver,
    /// Nobody took it, or it could not be brought.
    DeliveryFailed,
    /// It is brought again.
    Retry,
    /// It goes back.
    Return,
    /// It is back.
    Returned,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 16] = [
        Self::Acknowledge,
        Self::Reject,
        Self::Reassign,
        Self::StartPicking,
        Self::Ready,
        Self::ProposeSubstitutions,
        Self::ApproveSubstitution,
        Self::RejectSubstitution,
        Self::Assign,
        Self::Unassign,
        Self::Pickup,
        Self::Deliver,
        Self::DeliveryFailed,
        Self::Retry,
        Self::Return,
        Self::Returned,
    ];

    /// What stands behind `POST /orders/{id}/`.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Reject => "reject",
            Self::Reassign => "reassign",
            Self::StartPicking => "start-picking",
            Self::Ready => "ready",
            Self::ProposeSubstitutions => "substitutions",
            Self::ApproveSubstitution => "substitutions/{substitution}/approve",
            Self::RejectSubstitution => "substitutions/{substitution}/reject",
            Self::Assign => "assign",
            Self::Unassign => "unassign",
            Self::Pickup => "pickup",
            Self::Deliver => "deliver",
            Self::DeliveryFailed => "delivery-failed",
            Self::Retry => "retry",
            Self::Return => "return",
            Self::Returned => "returned",
        }
    }

    /// Whether it alone may take its step, because it says or proves more than
    /// where the order goes; the steps of the others a change of status takes too.
    pub const fn owns_its_step(self) -> bool {
        match self {
            Self::Reject
            | Self::Reassign
            | Self::ProposeSubstitutions
            | Self::ApproveSubstitution
            | Self::RejectSubstitution
            | Self::Assign
            | Self::Unassign
            | Self::Deliver
            | Self::DeliveryFailed => true,
            Self::Acknowledge
            | Self::StartPicking
            | Self::Ready
            | Self::Pickup
            | Self::Retry
            | Self::Return
            | Self::Returned => false,
        }
    }
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.path())
    }
}

impl Shaped for Operation {
    const SHAPE: Shape = Shape {
        name: Some("Operation"),
        about: "What can be done with an order, as it stands behind `POST /orders/{id}/`.",
        bounds: Bounds::OneOf(|| Self::ALL.map(Self::path).to_vec()),
    };
}

schema_of_shape!(Operation);
