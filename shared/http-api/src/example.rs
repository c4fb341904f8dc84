//! A problem of each kind as callers meet it, for the documents.

use db::{DbError, EndpointError};
use domain::{
    Allowed, Answer, ClaimError, DriverId, Handover, OfferEnd, Operation, OrderId, Rejection,
    Status, Unavailable, Version, Workflow,
};
use http::HeaderMap;

use super::{
    CursorKey, IdempotencyKey, Problem, ProblemKind, QueryParameters, body, caller, json, problem,
};

impl ProblemKind {
    /// Returns a problem of this kind, made by the code that makes it for callers; `None` for a
    /// kind that only live messages have.
    pub fn example(self) -> Option<Problem> {
        let (open, closed) = (status("driver_assigned")?, status("delivered")?);
        let conflict = |rejection| Some(Problem::from(rejection).at(Version(3)));
        match self {
            Self::InvalidJson => {
                json::parse(br#"{"note": "a", "note": "b"}"#).err().map(|it| body::not_json(&it))
            }
            Self::InvalidHeader => Some(IdempotencyKey::invalid()),
            Self::InvalidCursor => Some(CursorKey::invalid()),
            Self::Unauthorized => Some(caller::unauthorized()),
            Self::Forbidden => Some(ClaimError::Missing("custom:merchant".to_owned()).into()),
            Self::NotFound => Some(Problem::not_found()),
            Self::TransitionNotAllowed => conflict(Rejection::NoSuchTransition {
                status: open,
                to: Some(closed),
                allowed: Allowed { statuses: Vec::new(), operations: vec![Operation::Pickup] },
            }),
            Self::OwnedByOperation => conflict(Rejection::OwnedByOperation {
                status: status("in_transit")?,
                operation: Operation::Deliver,
            }),
            Self::AlreadyAssigned => {
                let driver = DriverId::parse("driver-7").ok()?;
                conflict(Rejection::AlreadyAssigned { status: open, driver })
            }
            Self::DriverUnavailable => {
                let driver = DriverId::parse("driver-7").ok()?;
                let why = Unavailable::Full;
                conflict(Rejection::DriverUnavailable { status: open, driver, why })
            }
            Self::OfferOver => conflict(Rejection::OfferOver { why: OfferEnd::Taken }),
            Self::OfferStands => conflict(Rejection::OfferStands { status: open }),
            Self::LineTaken => conflict(Rejection::LineTaken { status: open, line: 2 }),
            Self::Answered => {
                conflict(Rejection::Answered { status: open, answer: Answer::Approved })
            }
            Self::TooMany => conflict(Rejection::TooManyIssues { status: open }),
            Self::IssueNotOpen => {
                conflict(Rejection::NoSuchIssue { status: open, open: vec![Version(2)] })
            }
            Self::OrderClosed => conflict(Rejection::IsClosed { status: closed }),
            Self::OrderErased => conflict(Rejection::IsErased { status: closed }),
            Self::OrderOpen => conflict(Rejection::IsOpen { status: open }),
            Self::HandoverLocked => conflict(Rejection::HandoverLocked { status: open }),
            Self::WrongHandoverCode => {
                let handover = Handover::default().refused(Version(3));
                Some(Problem::wrong_handover_code(handover, Version(3)))
            }
            Self::ExternalIdTaken => {
                let order = OrderId::parse("0195b3c0-7b1e-7000-8000-0123456789ab").ok()?;
                Some(Problem::external_id_taken(Some(order)))
            }
            Self::Contended => Some(DbError::Conflict.into()),
            Self::PreconditionFailed => Some(Problem::precondition_failed(Version(3))),
            Self::TooLarge => Some(body::too_large()),
            Self::UnsupportedMediaType => body::check_media_type(&HeaderMap::new()).err(),
            Self::InvalidFields => QueryParameters::misspelt(|_| ()),
            Self::TooManyWebhooks => Some(EndpointError::TooMany.into()),
            Self::DriverExists => Some(Problem::driver_exists()),
            Self::DriverBusy => Some(Problem::driver_busy()),
            Self::WebhookDisabled => Some(Problem::webhook_disabled()),
            Self::KeyReused => Some(problem::key_reused()),
            Self::Internal => Some(Problem::from_fault("")),
            Self::Unavailable => Some(Problem::unavailable(String::new())),
            Self::TooManyTopics | Self::TooManyMessages | Self::TooManyConnections => None,
        }
    }
}

fn status(name: &str) -> Option<Status> {
    Workflow::DEFAULT.status(name)
}
