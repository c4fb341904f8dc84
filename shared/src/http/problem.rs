//! Errors as RFC 9457 problems.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, ETAG, RETRY_AFTER};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{FieldError, etag};
use crate::auth::ClaimError;
use crate::domain::{Allowed, Rejection, Version};
use crate::store::{ChangeError, CreateError, StoreError};

/// What kind of problem; each has its own stable `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
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
    /// The resource is there, but not for this method.
    MethodNotAllowed,
    /// The order does not move like this from where it stands.
    TransitionNotAllowed,
    /// The step belongs to an operation.
    OwnedByOperation,
    /// The order is assigned to this driver already.
    AlreadyAssigned,
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
    /// The Idempotency-Key was used with another body.
    KeyReused,
    /// A fault of ours.
    Internal,
    /// The storage does not answer or throttles.
    Unavailable,
}

impl Kind {
    /// The HTTP status, the last part of the `type`, and the title.
    pub const fn parts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::InvalidJson => (S::BAD_REQUEST, "invalid-json", "The body is not JSON"),
            Self::InvalidHeader => (S::BAD_REQUEST, "invalid-header", "A header does not read"),
            Self::InvalidCursor => (S::BAD_REQUEST, "invalid-cursor", "The cursor is not valid"),
            Self::Unauthorized => (S::UNAUTHORIZED, "unauthorized", "No valid token"),
            Self::Forbidden => (S::FORBIDDEN, "forbidden", "Not allowed to you"),
            Self::NotFound => (S::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => {
                (S::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            }
            Self::TransitionNotAllowed => {
                (S::CONFLICT, "transition-not-allowed", "The order does not move like this")
            }
            Self::OwnedByOperation => {
                (S::CONFLICT, "owned-by-operation", "The step belongs to an operation")
            }
            Self::AlreadyAssigned => {
                (S::CONFLICT, "already-assigned", "The order is this driver's already")
            }
            Self::ExternalIdTaken => {
                (S::CONFLICT, "external-id-taken", "The external_id names another order")
            }
            Self::Contended => (S::CONFLICT, "contended", "Others are changing the order"),
            Self::PreconditionFailed => {
                (S::PRECONDITION_FAILED, "precondition-failed", "The order has changed")
            }
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (S::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON")
            }
            Self::InvalidFields => (S::UNPROCESSABLE_ENTITY, "invalid-fields", "Fields are wrong"),
            Self::KeyReused => {
                (S::UNPROCESSABLE_ENTITY, "key-reused", "The Idempotency-Key is used up")
            }
            Self::TooManyTopics => {
                (S::TOO_MANY_REQUESTS, "too-many-topics", "The connection listens to enough")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal", "A fault of ours"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable", "Try again shortly"),
        }
    }
}

/// An answer that is an error: what the client is told, and apart from it what
/// the log is told.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    internal: Option<String>,
}

impl Problem {
    /// A problem; `detail` says what is wrong and what to do.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { kind, detail, members: Map::new(), headers: Vec::new(), internal: None }
    }

    /// The same answer for what is not there and for what the principal may not see.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here that you may see.")
    }

    /// Fields are wrong, each of them.
    pub fn fields(errors: &[FieldError]) -> Self {
        Self::new(Kind::InvalidFields, "Correct the fields that `errors` names.")
            .with("errors", json!(errors))
    }

    /// `If-Match` is stale; the answer has the current `ETag`.
    pub fn precondition_failed(current: Version) -> Self {
        let detail = "The order is at another version. Read it again and decide anew.";
        Self::new(Kind::PreconditionFailed, detail).at(current)
    }

    /// Tells whoever sees the order which version it was refused at.
    #[must_use]
    pub fn at(self, version: Version) -> Self {
        self.with("version", json!(version)).header(ETAG, etag(version))
    }

    fn unavailable(internal: String) -> Self {
        let detail = "Try again after the time in Retry-After, with the same Idempotency-Key.";
        Self { internal: Some(internal), ..Self::new(Kind::Unavailable, detail) }
            .header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    fn internal(internal: String) -> Self {
        Self { internal: Some(internal), ..Self::new(Kind::Internal, "We have been told.") }
    }

    fn with(mut self, member: &str, value: Value) -> Self {
        self.members.insert(member.to_owned(), value);
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    fn allowed(self, allowed: &Allowed) -> Self {
        self.with("allowed", json!(allowed.statuses)).with("operations", json!(allowed.operations))
    }

    /// The problem's kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The problem as JSON.
    pub fn body(&self) -> Value {
        let (status, name, title) = self.kind.parts();
        let mut body = json!({
            "type": format!("urn:waybill:problem:{name}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.detail,
        });
        if let Some(body) = body.as_object_mut() {
            body.extend(self.members.clone());
        }
        body
    }

    /// Tells the log what the client is not told.
    pub fn log(&self) {
        if let Some(internal) = &self.internal {
            tracing::error!(problem.kind = ?self.kind, error = internal, "request failed");
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.log();
        let content_type = [(CONTENT_TYPE, "application/problem+json")];
        let body = self.body().to_string();
        let mut response = (self.kind.parts().0, content_type, body).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        let detail = format!("{rejection}.");
        match rejection {
            Rejection::Unseen => Self::not_found(),
            Rejection::NoSuchEdge { status, allowed } => {
                Self::new(Kind::TransitionNotAllowed, detail)
                    .with("order_status", json!(status))
                    .allowed(&allowed)
            }
            Rejection::OwnedByOperation { status, operation } => {
                Self::new(Kind::OwnedByOperation, detail)
                    .with("order_status", json!(status))
                    .with("operation", json!(operation))
            }
            Rejection::AlreadyAssigned { status, driver } => {
                Self::new(Kind::AlreadyAssigned, detail)
                    .with("order_status", json!(status))
                    .with("driver", json!(driver))
            }
            Rejection::NotYours { allowed, .. } => {
                Self::new(Kind::Forbidden, detail).allowed(&allowed)
            }
            Rejection::ForAnother | Rejection::MayNotCreate { .. } => {
                Self::new(Kind::Forbidden, detail)
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => {
                let detail = "Others kept changing the order. Read it again and decide anew.";
                Self::new(Kind::Contended, detail)
            }
            StoreError::Unavailable(source) => Self::unavailable(chain(&*source)),
            StoreError::Corrupt(what) => Self::internal(what),
        }
    }
}

/// An error and all its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn key_reused() -> Problem {
    let detail = "This Idempotency-Key was used with another body. Use a new key.";
    Problem::new(Kind::KeyReused, detail)
}

impl<R: Into<Problem>> From<ChangeError<R>> for Problem {
    fn from(error: ChangeError<R>) -> Self {
        match error {
            ChangeError::Rejected(rejection) => rejection.into(),
            ChangeError::KeyReused => key_reused(),
            ChangeError::Store(error) => error.into(),
        }
    }
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::ExternalIdTaken => {
                let detail = "Another order of the merchant has this external_id.";
                Self::new(Kind::ExternalIdTaken, detail)
            }
            CreateError::KeyReused => key_reused(),
            CreateError::Store(error) => error.into(),
        }
    }
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        Self::new(Kind::Forbidden, format!("{error}."))
    }
}
