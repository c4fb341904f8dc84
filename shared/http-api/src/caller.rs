//! The caller of a request that API Gateway's JWT authorizer accepted.

use axum::extract::{FromRef, FromRequestParts};
use domain::{Caller, Claim, ClaimNames};
use http::request::Parts;
use lambda_http::request::RequestContext;

use super::{Problem, ProblemKind};

/// The caller of a request: an extractor that rejects a request without a token (401) and a
/// request with a token whose claims identify no principal (403).
#[derive(Clone, Debug)]
pub struct Authenticated(pub Caller);

impl<S> FromRequestParts<S> for Authenticated
where
    S: Send + Sync,
    ClaimNames: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let claims = match parts.extensions.get::<RequestContext>() {
            Some(RequestContext::ApiGatewayV2(context)) => {
                context.authorizer.as_ref().and_then(|it| it.jwt.as_ref()).map(|jwt| &jwt.claims)
            }
            _ => None,
        };
        let claims = claims.ok_or_else(unauthorized)?;
        let claim = |name: &str| claims.get(name).map(|text| Claim::Text(text));
        Ok(Self(Caller::from_claims(&ClaimNames::from_ref(state), claim)?))
    }
}

pub(crate) fn unauthorized() -> Problem {
    Problem::new(ProblemKind::Unauthorized, "Send a valid token: Authorization: Bearer ….")
}
