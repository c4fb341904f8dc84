//! The parts that every request for a change has.

use axum::extract::{FromRequest, FromRequestParts, Request};
use domain::Caller;
use http_api::{
    Authenticated, IdempotencyKey, IfMatch, JsonBody, OptionalJsonBody, OrderPath, Problem,
    SubresourcePath,
};

use crate::app::App;

/// The parts of a request for a change, read in the order in which they can be rejected.
pub(crate) struct ChangeRequest {
    pub(crate) caller: Caller,
    pub(crate) order: OrderPath,
    /// The number of the substitution or issue in the path, if the path has one.
    pub(super) subresource: Option<u64>,
    pub(super) key: IdempotencyKey,
    pub(crate) if_match: IfMatch,
    pub(crate) body: JsonBody,
}

impl FromRequest<App> for ChangeRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Authenticated(caller) = Authenticated::from_request_parts(&mut parts, app).await?;
        let order = OrderPath::from_request_parts(&mut parts, app).await?;
        let SubresourcePath(subresource) =
            SubresourcePath::from_request_parts(&mut parts, app).await?;
        let key = IdempotencyKey::from_request_parts(&mut parts, app).await?;
        let if_match = IfMatch::from_request_parts(&mut parts, app).await?;
        let request = Request::from_parts(parts, body);
        let OptionalJsonBody(body) = OptionalJsonBody::from_request(request, app).await?;
        Ok(Self { caller, order, subresource, key, if_match, body })
    }
}
