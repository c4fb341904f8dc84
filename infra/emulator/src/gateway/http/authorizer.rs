//! A JWT authorizer.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>

use clock::Timestamp;
use http::HeaderMap;
use jwt::{TokenError, Verifier};
use serde_json::{Map, Value};

/// An authorizer that checks the token in a header.
#[derive(Debug)]
pub struct Authorizer {
    header: String,
    verifier: Verifier,
}

/// An error that rejects a request, or prevents the use of an authorizer.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizerError {
    /// The request lacks the header that carries the token.
    #[error("the request has no token")]
    Missing,
    /// The token cannot be verified.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The template names an issuer whose keys this machine does not have.
    #[error(
        "the runner verifies only tokens from its own issuer for one audience, not from {issuer}"
    )]
    ForeignIssuer { issuer: String },
}

impl Authorizer {
    /// Creates an authorizer that reads tokens from `header`, with or without the `Bearer`
    /// prefix.
    pub fn new(header: &str, verifier: Verifier) -> Self {
        Self { header: header.to_owned(), verifier }
    }

    /// Returns the claims of the request's token, each as text, as functions receive them. A claim
    /// that is null has no text.
    pub fn claims(
        &self,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Result<Map<String, Value>, AuthorizerError> {
        let value = headers.get(&self.header).and_then(|value| value.to_str().ok());
        let value = value.ok_or(AuthorizerError::Missing)?.trim();
        let token = match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => value,
        };
        let claims = self.verifier.verify(token, now)?;
        let claims = claims.into_iter().filter(|(_, claim)| !claim.is_null());
        Ok(claims.map(|(name, claim)| (name, Value::String(text(&claim)))).collect())
    }
}

/// Returns a claim as text; a list is written `[a b]`.
fn text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(" "))
        }
        other => other.to_string(),
    }
}
