//! The runner's own `OpenID` Connect issuer, in the place of Cognito.
//!
//! The issuer publishes its keys as every issuer does
//! (<https://openid.net/specs/openid-connect-discovery-1_0.html>), and issues a token to any
//! caller, because it is for one machine and accepts only connections from it.

use clock::Clock;
use domain::ClaimNames;
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Map, Value, json};

mod http;
mod key;
mod request;
mod sign_in;

#[cfg(test)]
mod tests;

pub use http::routes;
pub use key::{KeyError, SigningKey};
pub use request::{TokenRequest, TokenRequestError};
pub use sign_in::Lifetimes;
use sign_in::SignIns;

/// An issuer of tokens, which also publishes the keys that verify them.
pub struct Issuer {
    url: String,
    audience: String,
    key: SigningKey,
    names: ClaimNames,
    clock: Clock,
    lifetimes: Lifetimes,
    sign_ins: SignIns,
}

impl Issuer {
    /// Creates an issuer at `url` for one audience, with its claims under `names`. What it
    /// issues expires after `lifetimes` by `clock`.
    pub fn new(
        url: String,
        audience: String,
        key: SigningKey,
        names: ClaimNames,
        clock: Clock,
        lifetimes: Lifetimes,
    ) -> Self {
        Self { url, audience, key, names, clock, lifetimes, sign_ins: SignIns::default() }
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
                "authorization_endpoint": format!("{}/authorize", self.url),
                "token_endpoint": format!("{}/token", self.url),
                "jwks_uri": format!("{}/.well-known/jwks.json", self.url),
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code", "refresh_token"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
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
