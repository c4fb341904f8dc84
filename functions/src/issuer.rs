//! The issuer's published keys, fetched when they are first needed.

use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use lambda_runtime::Error;
use serde_json::Value;
use shared::auth::token::{Claims, TokenError, Verifier};
use shared::domain::time::Timestamp;
use tokio::sync::Mutex;

/// The largest document that an issuer may publish, in bytes.
const MAX_DOCUMENT: usize = 256 * 1024;

/// How long a document may take.
const TIMEOUT: Duration = Duration::from_secs(3);

/// How long after a fetch an unknown key is taken for a forged one, in seconds.
const REFETCH_AFTER: i64 = 30;

/// Verifies tokens of one issuer with the keys that it publishes.
pub(crate) struct Issuer {
    url: String,
    audience: String,
    fetched: Mutex<Option<Fetched>>,
}

#[derive(Clone)]
struct Fetched {
    verifier: Verifier,
    at: Timestamp,
}

/// Why a token was not found good.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyError {
    /// The token is not good.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The issuer's keys cannot be had.
    #[error("the issuer's keys cannot be had: {0}")]
    Issuer(Error),
}

impl Issuer {
    pub(crate) fn new(issuer: &str, audience: &str) -> Self {
        Self { url: issuer.to_owned(), audience: audience.to_owned(), fetched: Mutex::default() }
    }

    /// The claims of `token`, if it is good at `now`.
    pub(crate) async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, VerifyError> {
        let known = self.fetched.lock().await.clone();
        if let Some(Fetched { verifier, at }) = known {
            let verified = verifier.verify(token, now);
            let rotated = matches!(verified, Err(TokenError::UnknownKey));
            if !rotated || now < at.plus_seconds(REFETCH_AFTER) {
                return Ok(verified?);
            }
        }
        Ok(self.fetch(now).await.map_err(VerifyError::Issuer)?.verify(token, now)?)
    }

    /// Fetches the keys; of callers that come together, one fetches for all.
    async fn fetch(&self, now: Timestamp) -> Result<Verifier, Error> {
        let mut fetched = self.fetched.lock().await;
        if let Some(Fetched { verifier, at }) = &*fetched
            && now < at.plus_seconds(REFETCH_AFTER)
        {
            return Ok(verifier.clone());
        }
        let discovery = format!("{}/.well-known/openid-configuration", self.url);
        let discovery = document(&discovery).await?;
        let uri = discovery["jwks_uri"].as_str().ok_or("the issuer names no jwks_uri")?;
        let keys = document(uri).await?;
        let keys = keys["keys"].as_array().ok_or("the issuer's key set has no keys")?;
        // A key of a kind that is unknown here is no reason to refuse the others.
        let keys = keys.iter().filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        let keys = JwkSet { keys: keys.collect() };
        let verifier = Verifier::new(&self.url, &self.audience, keys);
        *fetched = Some(Fetched { verifier: verifier.clone(), at: now });
        Ok(verifier)
    }
}

/// Fetches a JSON document. This happens once in a function's life, so the
/// client is made for it.
async fn document(uri: &str) -> Result<Value, Error> {
    let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<Bytes>>(https.build());
    let fetch = async {
        let answer = client.get(uri.parse::<Uri>()?).await?;
        if !answer.status().is_success() {
            return Err(format!("{uri} answers {}", answer.status()).into());
        }
        let body = Limited::new(answer.into_body(), MAX_DOCUMENT).collect().await?.to_bytes();
        Ok::<_, Error>(serde_json::from_slice(&body)?)
    };
    tokio::time::timeout(TIMEOUT, fetch).await?
}
