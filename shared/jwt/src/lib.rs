//! Verification of JWTs as by API Gateway's JWT authorizer, but with only RS256 and only `aud`.

use clock::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value};

/// The number of seconds by which the clock of an issuer may be ahead: a token can be used when
/// it is issued. `exp` has no leeway, because all that was opened with a token ends with it.
const LEEWAY: i64 = 60;

/// The claims of a verified token.
pub type Claims = Map<String, Value>;

/// Verifies tokens of one issuer for one audience.
#[derive(Clone, Debug)]
pub struct Verifier {
    issuer: String,
    audience: String,
    keys: JwkSet,
}

/// The reason why a token is rejected. It is for the log, never for the client.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// No key of the issuer has the token's `kid`, or the token has none. A newer key set may
    /// have the key.
    #[error("the token is signed with a key that is not in the issuer's key set")]
    UnknownKey,
    /// Not a JWT, not RS256, a wrong signature, another issuer or audience, or no valid `exp`.
    #[error("the token cannot be verified: {0}")]
    Invalid(#[from] jsonwebtoken::errors::Error),
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is more than a minute in the future.
    #[error("the token is not valid yet")]
    NotYet,
}

impl Verifier {
    /// Creates a verifier; `keys` is the issuer's published key set.
    pub fn new(issuer: &str, audience: &str, keys: JwkSet) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys }
    }

    /// Returns the required `iss` of a token.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the required `aud` of a token.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the claims of `token` if the issuer signed it (RS256 only) for the audience and
    /// it is valid at `now`, to the second.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, TokenError> {
        let kid = decode_header(token)?.kid.ok_or(TokenError::UnknownKey)?;
        let key = self.keys.find(&kid).ok_or(TokenError::UnknownKey)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_issuer(&[&self.issuer]);
        rules.set_audience(&[&self.audience]);
        rules.set_required_spec_claims(&["iss", "aud", "exp"]);
        // The library reads the machine's clock; here the time is an argument.
        (rules.validate_exp, rules.validate_nbf) = (false, false);
        let claims = decode::<Claims>(token, &DecodingKey::from_jwk(key)?, &rules)?.claims;
        check_times(&claims, now).map(|()| claims)
    }
}

/// Checks that a token with these claims is valid at `now`.
fn check_times(claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
    #[expect(clippy::cast_precision_loss, reason = "exact until the year 285 million")]
    let seconds = |at: Timestamp| at.epoch_seconds() as f64;
    let claim = |name| claims.get(name).and_then(Value::as_f64);
    if claim("exp").is_none_or(|end| end <= seconds(now)) {
        return Err(TokenError::Expired);
    }
    if claim("nbf").is_some_and(|start| start > seconds(now.plus_seconds(LEEWAY))) {
        return Err(TokenError::NotYet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_begins_a_minute_early_and_ends_on_time() {
        let now = Timestamp::from_epoch_seconds(1_000).unwrap();
        for (claims, expected) in [
            (json!({ "exp": 1_001 }), "valid"),
            (json!({ "exp": 1_000.5 }), "valid"),
            (json!({ "exp": 1_000 }), "Expired"),
            (json!({ "exp": 940 }), "Expired"),
            (json!({}), "Expired"),
            (json!({ "exp": "1001" }), "Expired"),
            (json!({ "exp": 2_000, "nbf": 999 }), "valid"),
            (json!({ "exp": 2_000, "nbf": 1_060 }), "valid"),
            (json!({ "exp": 2_000, "nbf": 1_060.5 }), "NotYet"),
            (json!({ "exp": 2_000, "nbf": 1_061 }), "NotYet"),
            (json!({ "exp": 1_000, "nbf": 1_061 }), "Expired"),
        ] {
            let found = check_times(claims.as_object().unwrap(), now);
            let found = found.map_or_else(|error| format!("{error:?}"), |()| "valid".to_owned());
            assert_eq!(found, expected, "{claims}");
        }
    }
}
