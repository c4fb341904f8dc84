//! The parts of a token: a JSON Web Signature in its compact form (RFC 7515, section 7.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde_json::{Map, Value};

use crate::members::Members;
use crate::{Claims, TokenError};

/// The largest token, in bytes: as large as API Gateway takes the head of a request.
///
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
pub(crate) const MAX_BYTES: usize = 10_240;

/// A token whose header fits the only algorithm, and whose signature is not checked yet.
pub(crate) struct Token<'a> {
    pub(crate) kid: String,
    /// The header and the claims, as they are signed.
    signed: &'a str,
    claims: &'a str,
    signature: &'a str,
}

impl<'a> Token<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid("it is too large"));
        }
        let parts: Vec<_> = token.split('.').collect();
        let [header, claims, signature] = parts[..] else { return Err(NO_JWT) };
        let kid = kid(&object(header)?)?;
        let signed = &token[..header.len() + 1 + claims.len()];
        Ok(Self { kid, signed, claims, signature })
    }

    /// Returns the claims if the token is signed with `key`.
    pub(crate) fn signed_with(&self, key: &Jwk) -> Result<Claims, TokenError> {
        let key = DecodingKey::from_jwk(key).map_err(|_| WRONG_SIGNATURE)?;
        let signed = self.signed.as_bytes();
        match crypto::verify(self.signature, signed, &key, Algorithm::RS256) {
            Ok(true) => object(self.claims),
            Ok(false) | Err(_) => Err(WRONG_SIGNATURE),
        }
    }
}

const NO_JWT: TokenError = TokenError::Invalid("it is not a JWT");
const WRONG_SIGNATURE: TokenError = TokenError::Invalid("its signature does not match its key");

/// Returns the `kid` of a header that says RS256 and nothing that must be understood: no extension
/// is (RFC 7515, section 4.1.11), nor claims that are not in base64 (RFC 7797, section 7).
fn kid(header: &Map<String, Value>) -> Result<String, TokenError> {
    if header.get("alg").and_then(Value::as_str) != Some("RS256") {
        return Err(TokenError::Invalid("its algorithm is not RS256"));
    }
    if ["crit", "b64"].iter().any(|name| header.contains_key(*name)) {
        return Err(TokenError::Invalid("its header has an extension that must be understood"));
    }
    match header.get("kid") {
        Some(Value::String(kid)) => Ok(kid.clone()),
        Some(_) => Err(TokenError::Invalid("its kid is not a string")),
        None => Err(TokenError::UnknownKey),
    }
}

fn object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| NO_JWT)?;
    let members: Members = serde_json::from_slice(&bytes).map_err(|_| NO_JWT)?;
    Ok(members.0)
}
