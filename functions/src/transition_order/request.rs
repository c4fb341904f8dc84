//! What every change of an order is asked with.

use axum::extract::{FromRequest, FromRequestParts, Request};
use shared::auth::Caller;
use shared::http::{IdempotencyKey, IfMatch, JsonBody, OrderPath, Problem};

use crate::app::App;

/// What every change of an order is asked with, read in the order in which it
/// may be refused.
pub(super) struct ChangeRequest {
    pub(super) caller: Caller,
    pub(super) order: OrderPath,
    pub(super) key: IdempotencyKey,
    pub(super) if_match: IfMatch,
    pub(super) body: JsonBody,
}

impl FromRequest<App> for ChangeRequest {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        Ok(Self {
            caller: Caller::from_request_parts(&mut parts, app).await?,
            order: OrderPath::from_request_parts(&mut parts, app).await?,
            key: IdempotencyKey::from_request_parts(&mut parts, app).await?,
            if_match: IfMatch::from_request_parts(&mut parts, app).await?,
            body: JsonBody::from_request(Request::from_parts(parts, body), app).await?,
        })
    }
}
