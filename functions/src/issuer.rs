//! The issuer's published keys, fetched on first use.

use std::time::Duration;

use bytes::Bytes;
use clock::Timestamp;
use http::Uri;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jwt::{Claims, TokenError, Verifier};
use lambda_runtime::Error;
use serde_json::Value;
use tokio::sync::Mutex;

/// The maximum size of an issuer's document, in bytes.
const MAX_DOCUMENT: usize = 256 * 1024;

/// The time limit of fetching a document.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The number of seconds for which fetched keys are used. A withdrawn key is accepted for that
/// long.
const MAX_AGE: i64 = 3600;

/// The minimum number of seconds between two requests to the issuer, whatever tokens strangers
/// send.
const ASK_AGAIN_AFTER: i64 = 30;

/// A verifier of one issuer's tokens that uses the keys which the issuer publishes.
pub(crate) struct Issuer {
    url: String,
    audience: String,
    known: Mutex<Known>,
}

/// The issuer's keys as last fetched, and the times of the last fetch and the last attempt.
#[derive(Default)]
struct Known {
    verifier: Option<Verifier>,
    fetched_at: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

impl Known {
    /// True if `then` is set and less than `seconds` ago.
    fn within(then: Option<Timestamp>, seconds: i64, now: Timestamp) -> bool {
        then.is_some_and(|then| now < then.plus_seconds(seconds))
    }
}

/// The reason that a token was not verified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    /// The token is invalid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The issuer's keys could not be fetched.
    #[error("the issuer's keys cannot be fetched: {0}")]
    Issuer(Error),
}

impl Issuer {
    pub(crate) fn new(issuer: &str, audience: &str) -> Self {
        Self { url: issuer.to_owned(), audience: audience.to_owned(), known: Mutex::default() }
    }

    /// Returns the claims of `token` if it is valid at `now`.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, VerifyError> {
        // Held while the keys are fetched: concurrent requests need the same keys.
        let mut known = self.known.lock().await;
        let fresh = Known::within(known.fetched_at, MAX_AGE, now);
        let asked = Known::within(known.asked_at, ASK_AGAIN_AFTER, now);
        match known.verifier.as_ref().map(|verifier| verifier.verify(token, now)) {
            Some(Err(TokenError::UnknownKey)) if !asked => {}
            Some(verified) if fresh || asked => return Ok(verified?),
            None if asked => {
                return Err(VerifyError::Issuer("a recent attempt to fetch them failed".into()));
            }
            Some(_) | None => {}
        }
        known.asked_at = Some(now);
        let verifier = self.fetch().await.map_err(VerifyError::Issuer)?;
        known.fetched_at = Some(now);
        Ok(known.verifier.insert(verifier).verify(token, now)?)
    }

    async fn fetch(&self) -> Result<Verifier, Error> {
        let base = self.url.trim_end_matches('/');
        let discovery = document(&format!("{base}/.well-known/openid-configuration")).await?;
        if discovery["issuer"] != self.url {
            return Err("the issuer's configuration names another issuer".into());
        }
        let uri = discovery["jwks_uri"].as_str().ok_or("the issuer names no jwks_uri")?;
        let keys = document(uri).await?;
        let keys = keys["keys"].as_array().ok_or("the issuer's key set has no keys")?;
        // Keys of an unknown kind are skipped, so that the others stay usable.
        let keys = keys.iter().filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        Ok(Verifier::new(&self.url, &self.audience, JwkSet { keys: keys.collect() }))
    }
}

/// Fetches a JSON document. Fetches are rare, so each creates its own client.
async fn document(uri: &str) -> Result<Value, Error> {
    let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(https.build());
    let fetch = async {
        let answer = client.get(uri.parse::<Uri>()?).await?;
        if !answer.status().is_success() {
            return Err(format!("{uri} responded with {}", answer.status()).into());
        }
        let body = Limited::new(answer.into_body(), MAX_DOCUMENT).collect().await?.to_bytes();
        Ok::<_, Error>(serde_json::from_slice(&body)?)
    };
    tokio::time::timeout(TIMEOUT, fetch).await?
}
