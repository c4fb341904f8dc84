//! Sign-in for pages: the authorization code flow with PKCE
//! (<https://www.rfc-editor.org/rfc/rfc6749#section-4.1>, <https://www.rfc-editor.org/rfc/rfc7636>).
//!
//! The issuer asks nobody for a password: the page of `/authorize` offers sample people. The rest
//! is as strict as that of a deployed issuer, so that a page that signs in here signs in there.

mod grants;
mod http;
mod people;

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use self::grants::Grants;
pub(super) use self::http::routes;
use self::people::Person;
use super::{Issuer, TokenRequestError};

/// The times for which what a sign-in issues is valid, by the issuer's clock.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Of a token that is requested directly, unless the request sets another time.
    pub token: Duration,
    /// Of the tokens of a sign-in, short enough that pages have to refresh them.
    pub sign_in: Duration,
    /// Of an authorization code.
    pub code: Duration,
}

/// The sign-ins that are under way, and those that can be refreshed.
#[derive(Default)]
pub(super) struct SignIns {
    codes: Mutex<Grants<Code>>,
    sessions: Mutex<Grants<&'static Person>>,
}

/// The sign-in that an authorization code completes.
struct Code {
    person: &'static Person,
    redirect_uri: String,
    /// The digest of the verifier, as `S256` encodes it.
    challenge: String,
}

/// The tokens of a person, as `/token` returns them.
#[derive(Debug, Serialize)]
struct Tokens {
    id_token: String,
    /// The API accepts ID tokens only, as it does from a user pool.
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    refresh_token: String,
}

/// The reason why `/token` returns no tokens.
#[derive(Debug, thiserror::Error)]
enum Refused {
    /// The code or the refresh token is unknown, used, expired or another page's.
    #[error("{0}")]
    Grant(&'static str),
    #[error(transparent)]
    Token(#[from] TokenRequestError),
}

impl Issuer {
    /// Returns a code with which the page that has the verifier of `challenge` gets tokens, once.
    fn grant(&self, person: &'static Person, redirect_uri: String, challenge: String) -> String {
        let code = Code { person, redirect_uri, challenge };
        let now = self.clock.now().epoch_seconds();
        self.sign_ins.codes().add(code, now, self.lifetimes.code)
    }

    /// Exchanges a code. An attempt uses the code up, whatever its outcome.
    fn exchange(&self, code: &str, redirect_uri: &str, verifier: &str) -> Result<Tokens, Refused> {
        let now = self.clock.now().epoch_seconds();
        let code = self.sign_ins.codes().take(code, now);
        let code = code.ok_or(Refused::Grant("The code is unknown, used or expired."))?;
        if code.redirect_uri != redirect_uri {
            return Err(Refused::Grant("The code was issued for another redirect_uri."));
        }
        if code.challenge != challenge(verifier) {
            return Err(Refused::Grant("The code_verifier is not that of the code_challenge."));
        }
        self.tokens(code.person)
    }

    /// Exchanges a refresh token for new tokens, one of which replaces it.
    fn refresh(&self, refresh_token: &str) -> Result<Tokens, Refused> {
        let now = self.clock.now().epoch_seconds();
        let person = self.sign_ins.sessions().take(refresh_token, now);
        let person =
            person.ok_or(Refused::Grant("The refresh_token is unknown, used or expired."))?;
        self.tokens(person)
    }

    fn tokens(&self, person: &'static Person) -> Result<Tokens, Refused> {
        let lifetime = self.lifetimes.sign_in;
        let request = person.request(lifetime);
        let mut claims = self.claims(&request)?;
        let id_token = self.sign(&claims).map_err(TokenRequestError::from)?;
        claims.insert("token_use".to_owned(), "access".into());
        let access_token = self.sign(&claims).map_err(TokenRequestError::from)?;
        let now = self.clock.now().epoch_seconds();
        let refresh_token = self.sign_ins.sessions().add(person, now, self.lifetimes.token);
        let expires_in = lifetime.as_secs();
        Ok(Tokens { id_token, access_token, token_type: "Bearer", expires_in, refresh_token })
    }
}

impl SignIns {
    fn codes(&self) -> std::sync::MutexGuard<'_, Grants<Code>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> std::sync::MutexGuard<'_, Grants<&'static Person>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns the challenge of a verifier by the method `S256`.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests;
