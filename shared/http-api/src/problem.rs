//! Errors as RFC 9457 problems.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use db::{ChangeError, CreateError, DbError, EndpointError, ListError, MAX_ENDPOINTS, Unplannable};
use domain::ClaimError;
use domain::{Allowed, Denied, ForAnother, Handover, OrderId, Rejection, Version};
use http::header::{CONTENT_TYPE, ETAG, RETRY_AFTER};
use http::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use super::{ExtensionMembers, FieldError, ProblemKind, etag};

/// An error response: the part for the client and, separately, the part for the log.
#[derive(Debug)]
pub struct Problem {
    kind: ProblemKind,
    detail: Cow<'static, str>,
    members: Box<ExtensionMembers>,
    headers: Vec<(HeaderName, HeaderValue)>,
    internal: Option<String>,
}

/// The body of an error response (RFC 9457).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct ProblemBody {
    /// The type of the problem: `urn:waybill:problem:…`.
    #[serde(rename = "type")]
    #[schemars(with = "ProblemKind")]
    kind: String,
    /// A summary of the problem type.
    title: &'static str,
    /// The HTTP status code.
    status: u16,
    /// The cause, and the action to take.
    detail: Cow<'static, str>,
    #[serde(flatten)]
    members: Box<ExtensionMembers>,
}

impl Problem {
    /// Creates a problem; `detail` states the cause and the action to take.
    pub fn new(kind: ProblemKind, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = detail.into();
        Self { kind, detail, members: Box::default(), headers: Vec::new(), internal: None }
    }

    /// Creates the same problem for a missing item and for one that the principal may not see.
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "Not found, or not visible to you.")
    }

    /// Reports invalid fields.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self::new(ProblemKind::InvalidFields, "Correct the fields listed in `errors`.")
            .with(|it| it.errors = Some(errors))
    }

    /// Reports one invalid field.
    pub(super) fn field(pointer: &str, detail: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { pointer: pointer.to_owned(), detail: detail.into() }])
    }

    /// Reports a wrong handover code; the order was not handed over.
    pub fn wrong_handover_code(handover: Handover, version: Version) -> Self {
        let tries_left = handover.tries_left();
        let detail = match tries_left {
            0 => "Wrong handover code; no attempts left. Operations can complete the delivery."
                .to_owned(),
            left => format!("Wrong handover code; attempts left: {left}."),
        };
        Self::new(ProblemKind::WrongHandoverCode, detail)
            .with(|it| it.tries_left = Some(tries_left))
            .at(version)
    }

    /// Reports that another order has the `external_id`; `order` if the caller sees it.
    pub fn external_id_taken(order: Option<OrderId>) -> Self {
        let detail = match order {
            Some(order) => format!("The order {order} of this merchant has this external_id."),
            None => "Another order of this merchant has this external_id.".to_owned(),
        };
        Self::new(ProblemKind::ExternalIdTaken, detail).with(|it| it.order_id = order)
    }

    /// Reports a stale `If-Match`; the response has the current `ETag`.
    pub fn precondition_failed(current: Version) -> Self {
        let detail = "It has changed since you read it. Fetch it again and retry.";
        Self::new(ProblemKind::PreconditionFailed, detail).at(current)
    }

    /// Adds the version of the order at which the request was rejected, for callers who see the
    /// order; also as the `ETag`.
    #[must_use]
    pub fn at(self, version: Version) -> Self {
        self.with(|it| it.version = Some(version)).header(ETAG, etag(version))
    }

    /// Reports a dependency that does not respond or throttles; `internal` is for the log.
    pub fn unavailable(internal: String) -> Self {
        let detail = "Retry after the time given in Retry-After, with the same Idempotency-Key.";
        Self { internal: Some(internal), ..Self::new(ProblemKind::Unavailable, detail) }
            .header(RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// Reports an error that should be impossible.
    pub fn from_fault(fault: impl std::fmt::Display) -> Self {
        Self::internal(fault.to_string())
    }

    fn internal(internal: String) -> Self {
        Self {
            internal: Some(internal),
            ..Self::new(
                ProblemKind::Internal,
                "The request failed on our side. The error has been logged.",
            )
        }
    }

    pub(super) fn with(mut self, say: impl FnOnce(&mut ExtensionMembers)) -> Self {
        say(&mut self.members);
        self
    }

    fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn allowed(self, allowed: Allowed) -> Self {
        let Allowed { statuses, operations } = allowed;
        self.with(|it| (it.allowed, it.operations) = (Some(statuses), Some(operations)))
    }

    /// Returns the problem's kind.
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the response's body.
    pub fn body(&self) -> ProblemBody {
        let (status, _, title) = self.kind.parts();
        let (detail, members) = (self.detail.clone(), self.members.clone());
        ProblemBody { kind: self.kind.urn(), title, status: status.as_u16(), detail, members }
    }

    /// Logs the internal error, which the client does not see.
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
        let mut response = (self.kind.parts().0, content_type, Json(self.body())).into_response();
        response.headers_mut().extend(self.headers);
        response
    }
}

impl From<ForAnother> for Problem {
    fn from(error: ForAnother) -> Self {
        Self::new(ProblemKind::Forbidden, format!("{error}."))
    }
}

impl From<ListError> for Problem {
    fn from(error: ListError) -> Self {
        match error {
            ListError::Unplannable(Unplannable { parameter, detail }) => {
                Self::field(&format!("?{parameter}"), detail)
            }
            ListError::Db(error) => error.into(),
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Conflict => {
                let detail = "Other requests kept changing the order. Fetch it again and retry.";
                Self::new(ProblemKind::Contended, detail)
            }
            DbError::Unavailable(source) => Self::unavailable(chain(&*source)),
            DbError::Corrupt(what) => Self::internal(what),
        }
    }
}

/// Joins the messages of an error and of all its causes.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

pub(crate) fn key_reused() -> Problem {
    let detail = "This Idempotency-Key was first used with a different body. Use a new key.";
    Problem::new(ProblemKind::KeyReused, detail)
}

impl Problem {
    /// Creates the problem of the registration of a driver whose id is registered.
    pub fn driver_exists() -> Self {
        let detail =
            "A driver with this id is registered. Change it with PATCH, or use another id.";
        Self::new(ProblemKind::DriverExists, detail)
    }

    /// Creates the problem of a driver who is to leave although orders are open.
    pub fn driver_busy() -> Self {
        let detail = "The driver has open orders. Assign them to others, or wait.";
        Self::new(ProblemKind::DriverBusy, detail)
    }

    /// Creates the problem of messages for a webhook that is disabled.
    pub fn webhook_disabled() -> Self {
        let detail = "The webhook is disabled and gets no messages. Enable it first.";
        Self::new(ProblemKind::WebhookDisabled, detail)
    }
}

impl From<EndpointError> for Problem {
    fn from(error: EndpointError) -> Self {
        match error {
            EndpointError::KeyReused => key_reused(),
            EndpointError::TooMany => {
                let detail =
                    format!("A merchant can have {MAX_ENDPOINTS} webhooks. Delete one first.");
                Self::new(ProblemKind::TooManyWebhooks, detail)
            }
            EndpointError::Changed => {
                let detail = "Another request changed the webhook at the same time. Try again.";
                Self::new(ProblemKind::Contended, detail)
            }
            EndpointError::Db(error) => error.into(),
        }
    }
}

impl From<ChangeError<Self, Rejection>> for Problem {
    fn from(error: ChangeError<Self, Rejection>) -> Self {
        match error {
            ChangeError::Rejected(problem) => problem,
            ChangeError::Refused { refusal, version } => Self::from(refusal).at(version),
            ChangeError::KeyReused => key_reused(),
            ChangeError::Db(error) => error.into(),
        }
    }
}

impl From<CreateError<Rejection>> for Problem {
    fn from(error: CreateError<Rejection>) -> Self {
        match error {
            CreateError::Refused(refusal) => refusal.into(),
            CreateError::KeyReused => key_reused(),
            CreateError::Db(error) => error.into(),
        }
    }
}

impl Problem {
    /// Creates the problem of a principal who may not access a merchant's `things`, such as its
    /// settings.
    pub fn denied(denied: Denied, things: &str) -> Self {
        let detail = match denied {
            Denied::NotFound => return Self::not_found(),
            Denied::WholeMerchantOnly => {
                format!("Only the merchant as a whole can change its {things}, not a single store.")
            }
            Denied::ReadOnly(role) => {
                format!("The role {} cannot change {things}.", role.name())
            }
        };
        Self::new(ProblemKind::Forbidden, detail)
    }
}

impl From<ClaimError> for Problem {
    fn from(error: ClaimError) -> Self {
        Self::new(ProblemKind::Forbidden, format!("{error}."))
    }
}
