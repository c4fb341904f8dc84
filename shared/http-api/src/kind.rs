//! The kinds of problems.

use std::borrow::Cow;

use http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// The kind of a problem; each has its own stable `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The body is not JSON.
    InvalidJson,
    /// A header does not read.
    InvalidHeader,
    /// The cursor was not given out to this principal for this query.
    InvalidCursor,
    /// The request did not pass an authorizer.
    Unauthorized,
    /// The principal may not do this.
    Forbidden,
    /// There is nothing here, or nothing for this principal.
    NotFound,
    /// The order does not move like this from where it stands.
    TransitionNotAllowed,
    /// The step belongs to an operation.
    OwnedByOperation,
    /// The order is this driver's, or with this store, already.
    AlreadyAssigned,
    /// The line has a substitution already.
    LineTaken,
    /// The substitution has its answer.
    Answered,
    /// The order holds as many of these as it may.
    TooMany,
    /// No such issue is open.
    IssueNotOpen,
    /// It is for open orders.
    OrderClosed,
    /// It is for closed orders.
    OrderOpen,
    /// Too many wrong codes were named.
    HandoverLocked,
    /// The code is not the order's.
    WrongHandoverCode,
    /// The merchant's `external_id` names another order.
    ExternalIdTaken,
    /// Others kept changing the order.
    Contended,
    /// `If-Match` names a version that is not the order's.
    PreconditionFailed,
    /// The body is too large.
    TooLarge,
    /// The body is not said to be JSON.
    UnsupportedMediaType,
    /// Fields are wrong.
    InvalidFields,
    /// A connection listens to as many topics as it may.
    TooManyTopics,
    /// A connection says more in a time than it may.
    TooManyMessages,
    /// The Idempotency-Key was used with another body.
    KeyReused,
    /// A fault of ours.
    Internal,
    /// The storage does not answer or throttles.
    Unavailable,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 28] = [
        Self::InvalidJson,
        Self::InvalidHeader,
        Self::InvalidCursor,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::TransitionNotAllowed,
        Self::OwnedByOperation,
        Self::AlreadyAssigned,
        Self::LineTaken,
        Self::Answered,
        Self::TooMany,
        Self::IssueNotOpen,
        Self::OrderClosed,
        Self::OrderOpen,
        Self::HandoverLocked,
        Self::WrongHandoverCode,
        Self::ExternalIdTaken,
        Self::Contended,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::InvalidFields,
        Self::TooManyTopics,
        Self::TooManyMessages,
        Self::KeyReused,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Its `type`.
    pub fn urn(self) -> String {
        format!("urn:waybill:problem:{}", self.parts().1)
    }

    /// The HTTP status, the last part of the `type`, and the title.
    pub const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidJson => (S::BAD_REQUEST, "invalid-json", "Invalid JSON"),
            Self::InvalidHeader => (S::BAD_REQUEST, "invalid-header", "Invalid header"),
            Self::InvalidCursor => (S::BAD_REQUEST, "invalid-cursor", "Invalid cursor"),
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "Missing or invalid token"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Forbidden"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found"),
            Self::TransitionNotAllowed => {
                (S::CONFLICT, "transition-not-allowed", "Transition not allowed")
            }
            Self::OwnedByOperation => {
                (S::CONFLICT, "owned-by-operation", "Transition requires its operation")
            }
            Self::AlreadyAssigned => (S::CONFLICT, "already-assigned", "Already assigned"),
            Self::LineTaken => (S::CONFLICT, "line-taken", "Line already has a substitution"),
            Self::Answered => (S::CONFLICT, "answered", "Substitution already answered"),
            Self::TooMany => (S::CONFLICT, "too-many", "Limit per order reached"),
            Self::IssueNotOpen => (S::CONFLICT, "issue-not-open", "Issue not open"),
            Self::OrderClosed => (S::CONFLICT, "order-closed", "Order is closed"),
            Self::OrderOpen => (S::CONFLICT, "order-open", "Order is still open"),
            Self::HandoverLocked => (S::CONFLICT, "handover-locked", "Handover code locked"),
            Self::WrongHandoverCode => {
                (S::UNPROCESSABLE_ENTITY, "wrong-handover-code", "Wrong handover code")
            }
            Self::ExternalIdTaken => {
                (S::CONFLICT, "external-id-taken", "external_id already in use")
            }
            Self::Contended => (S::CONFLICT, "contended", "Too many concurrent changes"),
            Self::PreconditionFailed => {
                (S::PRECONDITION_FAILED, "precondition-failed", "Order has changed")
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "Request body too large"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "Unsupported media type")
            }
            Self::InvalidFields => (S::UNPROCESSABLE_ENTITY, "invalid-fields", "Invalid fields"),
            Self::KeyReused => (
                S::UNPROCESSABLE_ENTITY,
                "key-reused",
                "Idempotency-Key reused with a different body",
            ),
            Self::TooManyTopics => (S::TOO_MANY_REQUESTS, "too-many-topics", "Too many topics"),
            Self::TooManyMessages => {
                (S::TOO_MANY_REQUESTS, "too-many-messages", "Rate limit exceeded")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Service unavailable"),
        }
    }
}

impl JsonSchema for ProblemKind {
    fn schema_name() -> Cow<'static, str> {
        "ProblemType".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": Self::ALL.map(Self::urn).to_vec() })
    }
}
