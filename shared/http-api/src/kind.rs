//! The kinds of problems.

use std::borrow::Cow;

use http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// The kind of a problem; each has its own stable `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    InvalidJson,
    InvalidHeader,
    /// The cursor was not issued to this principal for this query.
    InvalidCursor,
    /// The request did not pass an authorizer.
    Unauthorized,
    Forbidden,
    /// Nothing exists here, or nothing that the principal may see.
    NotFound,
    /// The order's status does not permit this.
    TransitionNotAllowed,
    /// Only its operation can make the transition.
    OwnedByOperation,
    /// The order already has this driver or this store.
    AlreadyAssigned,
    /// The driver is off duty or has no room.
    DriverUnavailable,
    /// The offer to the driver is over.
    OfferOver,
    /// The order is offered to drivers already.
    OfferStands,
    /// A driver with this id is registered.
    DriverExists,
    /// The driver has open orders.
    DriverBusy,
    LineTaken,
    /// The substitution is already answered.
    Answered,
    /// The order has the maximum number of substitutions or of open issues.
    TooMany,
    IssueNotOpen,
    /// The request requires an open order.
    OrderClosed,
    /// The request requires a closed order.
    OrderOpen,
    /// The request requires the order's personal data.
    OrderErased,
    /// Too many wrong handover codes were given.
    HandoverLocked,
    WrongHandoverCode,
    /// Another order of the merchant has this `external_id`.
    ExternalIdTaken,
    /// The commit kept losing to concurrent changes of the order.
    Contended,
    /// `If-Match` does not match the order's version.
    PreconditionFailed,
    TooLarge,
    /// The `Content-Type` is not JSON.
    UnsupportedMediaType,
    InvalidFields,
    /// The connection has the maximum number of subscriptions.
    TooManyTopics,
    /// The connection exceeds its rate of messages.
    TooManyMessages,
    /// The principal has the maximum number of connections.
    TooManyConnections,
    /// The merchant has the maximum number of webhooks.
    TooManyWebhooks,
    /// The webhook gets no messages.
    WebhookDisabled,
    /// The Idempotency-Key was used with another body.
    KeyReused,
    Internal,
    /// The storage does not respond or throttles.
    Unavailable,
}

impl ProblemKind {
    /// All kinds.
    pub const ALL: [Self; 37] = [
        Self::InvalidJson,
        Self::InvalidHeader,
        Self::InvalidCursor,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::TransitionNotAllowed,
        Self::OwnedByOperation,
        Self::AlreadyAssigned,
        Self::DriverUnavailable,
        Self::OfferOver,
        Self::OfferStands,
        Self::DriverExists,
        Self::DriverBusy,
        Self::LineTaken,
        Self::Answered,
        Self::TooMany,
        Self::IssueNotOpen,
        Self::OrderClosed,
        Self::OrderOpen,
        Self::OrderErased,
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
        Self::TooManyConnections,
        Self::TooManyWebhooks,
        Self::WebhookDisabled,
        Self::KeyReused,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Returns the problem's `type`.
    pub fn urn(self) -> String {
        format!("urn:waybill:problem:{}", self.parts().1)
    }

    /// Returns the HTTP status, the last part of the `type`, and the title.
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
            Self::DriverUnavailable => (S::CONFLICT, "driver-unavailable", "Driver not available"),
            Self::OfferOver => (S::CONFLICT, "offer-over", "Offer is over"),
            Self::OfferStands => (S::CONFLICT, "offer-stands", "Offered already"),
            Self::DriverExists => (S::CONFLICT, "driver-exists", "Driver exists"),
            Self::DriverBusy => (S::CONFLICT, "driver-busy", "Driver has open orders"),
            Self::LineTaken => (S::CONFLICT, "line-taken", "Line cannot be changed"),
            Self::Answered => (S::CONFLICT, "answered", "Substitution already answered"),
            Self::TooMany => (S::CONFLICT, "too-many", "Limit per order reached"),
            Self::IssueNotOpen => (S::CONFLICT, "issue-not-open", "Issue not open"),
            Self::OrderClosed => (S::CONFLICT, "order-closed", "Order is closed"),
            Self::OrderOpen => (S::CONFLICT, "order-open", "Order is still open"),
            Self::OrderErased => (S::CONFLICT, "order-erased", "Order is erased"),
            Self::HandoverLocked => (S::CONFLICT, "handover-locked", "Handover code locked"),
            Self::WrongHandoverCode => {
                (S::UNPROCESSABLE_ENTITY, "wrong-handover-code", "Wrong handover code")
            }
            Self::ExternalIdTaken => {
                (S::CONFLICT, "external-id-taken", "external_id already in use")
            }
            Self::Contended => (S::CONFLICT, "contended", "Too many concurrent changes"),
            Self::PreconditionFailed => {
                (S::PRECONDITION_FAILED, "precondition-failed", "Changed since it was read")
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
            Self::TooManyConnections => {
                (S::TOO_MANY_REQUESTS, "too-many-connections", "Too many connections")
            }
            Self::TooManyWebhooks => (S::CONFLICT, "too-many-webhooks", "Too many webhooks"),
            Self::WebhookDisabled => (S::CONFLICT, "webhook-disabled", "Webhook disabled"),
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
