//! Verification of JWTs as by API Gateway's JWT authorizer, but with only RS256 and only `aud`, and
//! with any `iat`: clocks of an issuer and a verifier differ.

mod members;
mod token;

#[cfg(test)]
mod tests;

use clock::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value};

use token::Token;

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

/// The reason why a token is rejected. It is for the log, never for the client, and has no text of
/// the token, which a stranger may have written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No key of the issuer has the token's `kid`, or the token has none. A newer key set may
    /// have the key.
    #[error("the token is signed with a key that is not in the issuer's key set")]
    UnknownKey,
    /// Not a JWT, not RS256, a wrong signature, another issuer or audience, or a time that is no
    /// number.
    #[error("the token cannot be verified: {0}")]
    Invalid(&'static str),
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
        let token = Token::parse(token)?;
        let key = self.keys.find(&token.kid).ok_or(TokenError::UnknownKey)?;
        let claims = token.signed_with(key)?;
        self.check_parties(&claims)?;
        check_times(&claims, now).map(|()| claims)
    }

    /// Checks that the token is of the issuer, and for the audience or for it among others.
    fn check_parties(&self, claims: &Claims) -> Result<(), TokenError> {
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return Err(TokenError::Invalid("its issuer is another"));
        }
        let is_for_it = match claims.get("aud") {
            Some(Value::String(one)) => *one == self.audience,
            Some(Value::Array(several)) => {
                several.iter().all(Value::is_string) && several.contains(&self.audience[..].into())
            }
            _ => false,
        };
        if is_for_it { Ok(()) } else { Err(TokenError::Invalid("its audience is another")) }
    }
}

/// Checks that a token with these claims is valid at `now`. A time that is not a number is never
/// ignored (RFC 7519, section 2: `NumericDate`).
fn check_times(claims: &Claims, now: Timestamp) -> Result<(), TokenError> {
    #[expect(clippy::cast_precision_loss, reason = "exact until the year 285 million")]
    let seconds = |at: Timestamp| at.epoch_seconds() as f64;
    let time = |name| match claims.get(name) {
        None => Ok(None),
        Some(Value::Number(number)) => Ok(number.as_f64()),
        Some(_) => Err(TokenError::Invalid("a time in it is not a number")),
    };
    // `iat` says only when the token was made.
    let (end, start, _) = (time("exp")?, time("nbf")?, time("iat")?);
    if end.ok_or(TokenError::Invalid("it has no exp"))? <= seconds(now) {
        return Err(TokenError::Expired);
    }
    if start.is_some_and(|start| start > seconds(now.plus_seconds(LEEWAY))) {
        return Err(TokenError::NotYet);
    }
    Ok(())
}
