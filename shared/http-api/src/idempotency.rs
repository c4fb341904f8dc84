//! `Idempotency-Key`: a change that may be sent again.

use axum::extract::FromRequestParts;
use db::{Digest, KeyedRequest};
use domain::Caller;
use domain::OrderId;
use http::Method;
use http::request::Parts;

use super::{JsonBody, Problem, ProblemKind};

/// The header of a request that has one, with the request's method and path.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    key: Option<String>,
    method: Method,
    path: String,
}

impl IdempotencyKey {
    /// The request as the store remembers it. A key is scoped to its caller, so
    /// that nobody meets another's.
    pub fn request(&self, caller: &Caller, body: &JsonBody) -> Option<KeyedRequest> {
        let scope = self.scope(caller)?;
        // The key's text is stored nowhere: it keeps short bodies from being guessed.
        let body = scope.into_iter().chain([&b"body"[..], &body.bytes[..]]);
        Some(KeyedRequest { key: Digest::of(scope), body: Digest::of(body) })
    }

    /// The id of the order that a creation under this key makes, each time the same.
    pub fn order_id(&self, caller: &Caller) -> Option<OrderId> {
        let scope = self.scope(caller)?.into_iter().chain([&b"order"[..]]);
        Some(OrderId::derived(Digest::bytes_of(scope)))
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
            Some(_) => {
                let detail = "Idempotency-Key must be 1 to 255 visible ASCII characters.";
                return Err(Problem::new(ProblemKind::InvalidHeader, detail));
            }
        };
        Ok(Self { key, method: parts.method.clone(), path: parts.uri.path().to_owned() })
    }
}

fn is_key(key: &str) -> bool {
    (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic())
}
