//! Issues tokens on request.

use domain::{Caller, Claim, ClaimError, ClaimNames};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Issuer, KeyError};

/// A request for a token.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// One of ops, support, merchant, driver, customer.
    pub role: String,
    /// The id of the person: the claim `sub`, and the one that the template's `IdClaim` names.
    pub id: String,
    /// The merchant of a merchant's token or of a customer's token.
    pub merchant: Option<String>,
    /// The only store that a merchant's token gives access to.
    pub store: Option<String>,
    /// The customer's reference with the merchant; a customer's `id` if omitted.
    pub reference: Option<String>,
    /// The lifetime of the token in seconds, by the issuer's clock; the issuer's default if
    /// omitted.
    pub expires_in: Option<i64>,
}

/// The error of a request for a token.
#[derive(Debug, thiserror::Error)]
pub enum TokenRequestError {
    /// The functions would reject the token because of this field of the request.
    #[error("{field} {rule}")]
    Field { field: &'static str, rule: String },
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl Issuer {
    /// Issues an ID token in Cognito's form, if its claims identify a caller.
    pub fn token(&self, request: &TokenRequest) -> Result<String, TokenRequestError> {
        Ok(self.sign(&self.claims(request)?)?)
    }

    /// Returns the claims of an ID token, if they identify a caller.
    pub(super) fn claims(
        &self,
        request: &TokenRequest,
    ) -> Result<Map<String, Value>, TokenRequestError> {
        let now = self.clock.now().epoch_seconds();
        let usual = || i64::try_from(self.lifetimes.token.as_secs()).unwrap_or(i64::MAX);
        let lifetime = request.expires_in.unwrap_or_else(usual);
        let mut claims = Map::new();
        let mut claim = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        claim("iss", self.url.as_str().into());
        claim("aud", self.audience.as_str().into());
        claim("sub", request.id.as_str().into());
        claim(&self.names.id, request.id.as_str().into());
        claim("token_use", "id".into());
        claim("iat", now.into());
        claim("exp", now.saturating_add(lifetime).into());
        claim(&self.names.role, request.role.as_str().into());
        let of_customer = (request.role == "customer").then_some(&request.id);
        for (name, value) in [
            (&self.names.merchant, request.merchant.as_ref()),
            (&self.names.store, request.store.as_ref()),
            (&self.names.reference, request.reference.as_ref().or(of_customer)),
        ] {
            if let Some(value) = value {
                claim(name, value.as_str().into());
            }
        }
        self.check(&claims)?;
        Ok(claims)
    }

    /// Checks that the functions can read the claims.
    fn check(&self, claims: &Map<String, Value>) -> Result<(), TokenRequestError> {
        let claim = |name: &str| claims.get(name).and_then(Claim::of_token);
        let caller = Caller::from_claims(&self.names, claim);
        caller.map(drop).map_err(|error| self.in_request(error))
    }

    /// Names the field of the request that became the claim.
    fn in_request(&self, error: ClaimError) -> TokenRequestError {
        let (claim, rule) = match error {
            ClaimError::Missing(claim) => (claim, "is required for this role".to_owned()),
            ClaimError::Unusable { claim, rule } => (claim, rule.to_string()),
            ClaimError::Role(claim) => {
                (claim, "must be ops, support, merchant, driver or customer".to_owned())
            }
            ClaimError::NotAnIdToken => ("token_use".to_owned(), "must be id".to_owned()),
        };
        let ClaimNames { id, role, merchant, store, reference } = &self.names;
        let fields = [
            (role.as_str(), "role"),
            (merchant, "merchant"),
            (store, "store"),
            (reference, "reference"),
            (id, "id"),
            ("exp", "expires_in"),
        ];
        let field = fields.iter().find(|(name, _)| *name == claim).map_or("", |(_, field)| field);
        TokenRequestError::Field { field, rule }
    }
}
