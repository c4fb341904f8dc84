//! Ids in paths.

use axum::extract::FromRequestParts;
use http::request::Parts;
use lambda_http::RequestExt;

use super::Problem;
use crate::domain::OrderId;

/// The order that a path names. What is no order's id names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct OrderPath(pub OrderId);

impl<S: Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    /// Reads what API Gateway took for the id, and not the path itself, which is
    /// decoded and cut at what looks like a query by the time it comes here.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let id = parts.extensions.path_parameters_ref().and_then(|named| named.first("id"));
        let id = id.and_then(|text| OrderId::parse(text).ok());
        id.map(Self).ok_or_else(Problem::not_found)
    }
}
