//! `Idempotency-Key`: changes that are safe to retry.

use axum::extract::FromRequestParts;
use db::{Digest, KeyedRequest};
use domain::Caller;
use domain::OrderId;
use http::Method;
use http::request::Parts;

use super::{JsonBody, Problem, ProblemKind};

/// The header `Idempotency-Key` of a request, if it has one, with its method and path.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key: Option<String>,
    method: Method,
    path: String,
}

impl IdempotencyKey {
    /// Returns the request as the storage remembers it; `None` without a key. A key is scoped to
    /// its caller, so that the keys of different callers never collide.
    pub fn request(&self, caller: &Caller, body: &JsonBody) -> Option<KeyedRequest> {
        let scope = self.scope(caller)?;
        // The digest of the body includes the key, which is not stored, so that a short body
        // cannot be guessed from its digest.
        let body = scope.into_iter().chain([&b"body"[..], &body.bytes[..]]);
        Some(KeyedRequest { key: Digest::of(scope), body: Digest::of(body) })
    }

    /// Returns the id of the order that a creation with this key makes: the same for every
    /// retry. `None` without a key.
    pub fn order_id(&self, caller: &Caller) -> Option<OrderId> {
        let scope = self.scope(caller)?.into_iter().chain([&b"order"[..]]);
        Some(OrderId::derived(Digest::bytes_of(scope)))
    }

    pub(crate) fn invalid() -> Problem {
        let detail = "Idempotency-Key must be 1 to 255 visible ASCII characters.";
        Problem::new(ProblemKind::InvalidHeader, detail)
    }

    fn scope<'a>(&'a self, caller: &'a Caller) -> Option<[&'a [u8]; 6]> {
        let principal = &caller.principal;
        Some([
            caller.issuer.as_bytes(),
            principal.role().name().as_bytes(),
            principal.id.as_str().as_bytes(),
            self.method.as_str().as_bytes(),
            self.path.as_bytes(),
            self.key.as_deref()?.as_bytes(),
        ])
    }
}

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let key = match parts.headers.get("idempotency-key").map(|header| header.to_str()) {
            None => None,
            Some(Ok(key)) if is_key(key) => Some(key.to_owned()),
            Some(_) => return Err(Self::invalid()),
        };
        Ok(Self { key, method: parts.method.clone(), path: parts.uri.path().to_owned() })
    }
}

fn is_key(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
}
