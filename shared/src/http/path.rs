//! Ids in paths.

use axum::extract::{FromRequestParts, Path};
use http::request::Parts;

use super::Problem;
use crate::domain::OrderId;

/// The order that a path names. What is no order's id names nothing: 404.
#[derive(Clone, Copy, Debug)]
pub struct OrderPath(pub OrderId);

impl<S: Send + Sync> FromRequestParts<S> for OrderPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Ok(Path(text)) = path else { return Err(Problem::not_found()) };
        OrderId::parse(&text).map(Self).map_err(|_| Problem::not_found())
    }
}
