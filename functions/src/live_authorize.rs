//! The authorizer of `$connect`. It accepts a token in `Authorization: Bearer`, or a ticket in
//! the query for browsers, which cannot send the header.

use std::sync::Arc;

use aws_lambda_events::apigw::{
    ApiGatewayCustomAuthorizerPolicy, ApiGatewayCustomAuthorizerRequestTypeRequest,
    ApiGatewayCustomAuthorizerResponse,
};
use aws_lambda_events::iam::{IamPolicyEffect, IamPolicyStatement};
use clock::Clock;
use db::{Db, Ticket};
use domain::{Caller, Claim, ClaimNames};
use http::header::AUTHORIZATION;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::{Map, Value};

use crate::issuer::{Issuer, VerifyError};
use crate::live::Identity;
use crate::{Environment, EventService, VariableError};

type Request = ApiGatewayCustomAuthorizerRequestTypeRequest;
type Response = ApiGatewayCustomAuthorizerResponse;

struct Authorizer {
    issuer: Issuer,
    db: Db,
    clock: Clock,
    claims: ClaimNames,
}

/// Builds the function's handler.
pub(crate) fn service(
    env: &Environment,
) -> Result<impl EventService<Request, Response> + use<>, VariableError> {
    let authorizer = Arc::new(Authorizer {
        issuer: Issuer::new(&env.variables.get("ISSUER")?, &env.variables.get("AUDIENCE")?),
        db: env.db()?,
        clock: env.clock.clone(),
        claims: env.claim_names()?,
    });
    Ok(service_fn(move |event: LambdaEvent<Request>| {
        let authorizer = Arc::clone(&authorizer);
        async move { authorizer.authorize(event.payload).await }
    }))
}

impl Authorizer {
    /// Authorizes a connection. A rejected caller receives a policy that denies (403) instead of
    /// an error, so that strangers cannot raise the function's error rate.
    async fn authorize(&self, request: Request) -> Result<Response, Error> {
        let resource = request.method_arn.clone().ok_or("the event has no methodArn")?;
        let mut response = Response::default();
        let effect = if let Some(identity) = self.identify(&request).await? {
            response.principal_id = Some(identity.principal.id.to_string());
            response.context = serde_json::to_value(identity)?;
            IamPolicyEffect::Allow
        } else {
            response.principal_id = Some("nobody".to_owned());
            response.context = Value::Object(Map::new());
            IamPolicyEffect::Deny
        };
        response.policy_document = policy(effect, resource);
        Ok(response)
    }

    async fn identify(&self, request: &Request) -> Result<Option<Identity>, Error> {
        if let Some(header) = request.headers.get(AUTHORIZATION) {
            let token = header.to_str().ok().and_then(bearer);
            return match token {
                Some(token) => self.by_token(token).await,
                None => Ok(None),
            };
        }
        match request.query_string_parameters.first("ticket").and_then(Ticket::parse) {
            Some(ticket) => self.by_ticket(&ticket).await,
            None => Ok(None),
        }
    }

    async fn by_token(&self, token: &str) -> Result<Option<Identity>, Error> {
        let claims = match self.issuer.verify(token, self.clock.now()).await {
            Ok(claims) => claims,
            Err(VerifyError::Token(error)) => return Ok(refused(&error)),
            Err(error @ VerifyError::Issuer(_)) => return Err(error.into()),
        };
        let claim = |name: &str| claims.get(name).and_then(Claim::of_token);
        match Caller::from_claims(&self.claims, claim) {
            Ok(Caller { principal, expires_at, .. }) => {
                Ok(Some(Identity { principal, expires_at }))
            }
            Err(error) => Ok(refused(&error)),
        }
    }

    async fn by_ticket(&self, ticket: &Ticket) -> Result<Option<Identity>, Error> {
        let good = self.db.consume_ticket(ticket, self.clock.now()).await?;
        Ok(good.map(|(principal, expires_at)| Identity { principal, expires_at }))
    }
}

fn refused(error: &dyn std::error::Error) -> Option<Identity> {
    tracing::info!(error = %error, "a token was rejected");
    None
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn policy(effect: IamPolicyEffect, resource: String) -> ApiGatewayCustomAuthorizerPolicy {
    let mut statement = IamPolicyStatement::default();
    statement.action = vec!["execute-api:Invoke".to_owned()];
    statement.effect = effect;
    statement.resource = vec![resource];
    let mut policy = ApiGatewayCustomAuthorizerPolicy::default();
    policy.version = Some("2012-10-17".to_owned());
    policy.statement = vec![statement];
    policy
}
