//! The runner's own `OpenID` Connect issuer, in the place of Cognito.
//!
//! It publishes its keys as every issuer does
//! (<https://openid.net/specs/openid-connect-discovery-1_0.html>) and gives a
//! token to whoever asks: it is for one machine, and answers on it only.

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

/// Makes tokens and publishes what they verify with.
pub struct Issuer {
    url: String,
    audience: String,
    key: SigningKey,
    names: ClaimNames,
    clock: Clock,
    lifetime: Duration,
}

impl Issuer {
    /// An issuer at `url` for one audience, with its claims under `names`. By `clock`, its
    /// tokens last for `lifetime` unless they are asked for with another time.
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

    /// The keys that its tokens verify with.
    pub fn keys(&self) -> JwkSet {
        self.key.public()
    }

    /// The document at `path` below its URL, if there is one.
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

    /// Signs a token with exactly these claims, whatever they say.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, KeyError> {
        self.key.sign(claims)
    }
}
