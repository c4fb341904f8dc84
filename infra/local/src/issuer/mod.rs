//! The runner's own `OpenID` Connect issuer, in the place of Cognito.
//!
//! The issuer publishes its keys as every issuer does
//! (<https://openid.net/specs/openid-connect-discovery-1_0.html>), and issues a token to any
//! caller, because it is for one machine and accepts only connections from it.

use std::time::Duration;

use clock::Clock;
use domain::ClaimNames;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value, json};

mod http;
mod key;
mod request;

#[cfg(test)]
mod tests;

pub use http::routes;
pub use key::{KeyError, SigningKey};
pub use request::{TokenRequest, TokenRequestError};

/// An issuer of tokens, which also publishes the keys that verify them.
pub struct Issuer {
    url: String,
    audience: String,
    key: SigningKey,
    names: ClaimNames,
    clock: Clock,
    lifetime: Duration,
}

impl Issuer {
    /// Creates an issuer at `url` for one audience, with its claims under `names`. Its tokens
    /// expire after `lifetime` by `clock`, unless a request sets another time.
    pub fn new(
        url: String,
        audience: String,
        key: SigningKey,
        names: ClaimNames,
        clock: Clock,
        lifetime: Duration,
    ) -> Self {
        Self { url, audience, key, names, clock, lifetime }
    }

    /// Returns the `iss` of the issuer's tokens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the `aud` of the issuer's tokens.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Returns the name of the claim that holds a caller's role.
    pub fn role_claim(&self) -> &str {
        &self.names.role
    }

    /// Returns the keys that verify the issuer's tokens.
    pub fn keys(&self) -> JwkSet {
        self.key.public()
    }

    /// Returns the document at `path` below the issuer's URL, if there is one.
    pub fn document(&self, path: &str) -> Option<Value> {
        match path {
            "/.well-known/openid-configuration" => Some(json!({
                "issuer": self.url,
                "jwks_uri": format!("{}/.well-known/jwks.json", self.url),
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
            })),
            "/.well-known/jwks.json" => Some(json!(self.keys())),
            _ => None,
        }
    }

    /// Signs a token with exactly these claims, without checking them.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, KeyError> {
        self.key.sign(claims)
    }
}
