//! `Idempotency-Key`: changes that are safe to retry.

use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use axum::extract::FromRequestParts;
use db::{Digest, KeyedRequest};
use domain::Caller;
use domain::{OrderId, WebhookId};
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
        let key = Digest::of(scope.iter().copied());
        // The digest of the body includes the key, which is not stored, so that a short body
        // cannot be guessed from its digest.
        let body = Digest::of(scope.into_iter().chain([&b"body"[..], &body.bytes[..]]));
        Some(KeyedRequest { key, body })
    }

    /// Returns the id of the order that a creation with this key makes: the same for every
    /// retry. `None` without a key.
    pub fn order_id(&self, caller: &Caller, ids: &OrderIdKey) -> Option<OrderId> {
        Some(ids.derive(self.scope(caller)?))
    }

    /// Returns the id of the webhook that a creation with this key makes; `None` without a key. It
    /// can be guessed, and helps nobody: a webhook is found only by its merchant.
    pub fn webhook_id(&self, caller: &Caller) -> Option<WebhookId> {
        let bytes = Digest::bytes_of(self.scope(caller)?.into_iter().chain([&b"webhook"[..]]));
        WebhookId::parse(&format!("we_{:032x}", u128::from_be_bytes(bytes))).ok()
    }

    /// Returns the digest of the key and its scope, for a request without a body; `None` without a
    /// key.
    pub fn digest(&self, caller: &Caller) -> Option<Digest> {
        Some(Digest::of(self.scope(caller)?))
    }

    pub(crate) fn invalid() -> Problem {
        let detail = "Idempotency-Key must be 1 to 255 visible ASCII characters.";
        Problem::new(ProblemKind::InvalidHeader, detail)
    }

    /// Returns the key with everything that tells this caller's request from others. The binding
    /// counts, because one `sub` can hold tokens of several merchants, stores and references.
    fn scope<'a>(&'a self, caller: &'a Caller) -> Option<Vec<&'a [u8]>> {
        let principal = &caller.principal;
        let identity = [&*caller.issuer, principal.role().name(), principal.id.as_str()];
        let request = [self.method.as_str(), &self.path, self.key.as_deref()?];
        let parts = identity.into_iter().chain(principal.binding().into_iter().flatten());
        Some(parts.chain(request).map(str::as_bytes).collect())
    }
}

/// The key with which the ids of orders that are created under an `Idempotency-Key` are derived.
/// History names the creator of an order, and keys such as `order-17` can be guessed, so without a
/// secret everybody could compute the id and ask whether the order exists.
#[derive(Clone, Debug)]
pub struct OrderIdKey(hmac::Key);

impl OrderIdKey {
    /// Derives the key from `secret`, which is specific to the deployment, by HKDF (RFC 5869) with
    /// a label of its own: it tells nothing about other keys of the same secret.
    pub fn new(secret: &str) -> Self {
        Self(expanded(secret, b"order id"))
    }

    fn derive(&self, parts: Vec<&[u8]>) -> OrderId {
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&signed(&self.0, parts)[..16]);
        OrderId::derived(bytes)
    }
}

fn expanded(secret: &str, label: &[u8]) -> hmac::Key {
    let secret = Salt::new(HKDF_SHA256, &[]).extract(secret.as_bytes());
    #[expect(clippy::unwrap_used, reason = "the length is the algorithm's")]
    secret.expand(&[label], HMAC_SHA256).unwrap().into()
}

/// Returns the HMAC of several parts. The boundaries between the parts count.
fn signed<'a>(key: &hmac::Key, parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut context = hmac::Context::with_key(key);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.sign().as_ref());
    bytes
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use axum::body::Bytes;
    use clock::Timestamp;
    use domain::{CustomerReference, MerchantId, Principal, PrincipalId, Role, StoreId};
    use serde_json::Value;

    use super::*;

    /// Ids that are parts of each other, so that a boundary between two of them matters.
    const IDS: [&str; 3] = ["a", "b", "ab"];

    /// Returns a caller for each combination of all claims; those that their role ignores or
    /// lacks are left out.
    fn callers() -> HashSet<Caller> {
        let mut callers = HashSet::new();
        let some = || IDS.into_iter().map(Some).chain([None]);
        for issuer in ["https://a", "https://b"] {
            for (role, id) in Role::OF_TOKENS.into_iter().flat_map(|role| IDS.map(|id| (role, id)))
            {
                for (merchant, store) in some().flat_map(|it| some().map(move |other| (it, other)))
                {
                    for reference in some() {
                        let principal = Principal::bound(
                            role,
                            PrincipalId::parse(id).unwrap(),
                            merchant.map(|it| MerchantId::parse(it).unwrap()),
                            store.map(|it| StoreId::parse(it).unwrap()),
                            reference.map(|it| CustomerReference::parse(it).unwrap()),
                        );
                        let issuer = issuer.to_owned();
                        callers.extend(principal.ok().map(|principal| Caller {
                            principal,
                            issuer,
                            expires_at: Timestamp::EPOCH,
                        }));
                    }
                }
            }
        }
        callers
    }

    #[test]
    fn callers_who_differ_in_any_claim_share_no_digest_and_no_order() {
        let callers = callers();
        // Two issuers, three ids; ops, support, driver, 3 merchants of 4 stores, 3 of 3 references.
        assert_eq!(callers.len(), 2 * 3 * (3 + 3 * 4 + 3 * 3));
        let body = JsonBody { bytes: Bytes::from_static(b"{}"), value: Value::Null };
        let (mut digests, mut orders) = (HashSet::new(), HashSet::new());
        let secrets = ["this stack", "another stack"].map(OrderIdKey::new);
        let requests = [(Method::POST, "/orders"), (Method::PUT, "/orders"), (Method::POST, "/o")];
        for (method, path) in requests {
            for key in ["k", "ks"] {
                let (method, path, key) = (method.clone(), path.to_owned(), Some(key.to_owned()));
                let key = IdempotencyKey { key, method, path };
                for caller in &callers {
                    let request = key.request(caller, &body).unwrap();
                    digests.insert(request.key.to_string());
                    digests.insert(request.body.to_string());
                    orders.extend(secrets.iter().map(|it| key.order_id(caller, it).unwrap()));
                }
            }
        }
        assert_eq!((digests.len(), orders.len()), (2 * 6 * callers.len(), 2 * 6 * callers.len()));
    }

    /// Everything in the scope can be known to others, so a digest of it must not be the id.
    #[test]
    fn an_order_id_needs_the_secret() {
        let caller = callers().into_iter().next().unwrap();
        let (method, path) = (Method::POST, "/orders".to_owned());
        let key = IdempotencyKey { key: Some("k".to_owned()), method, path };
        let ids = OrderIdKey::new("secret");
        let id = key.order_id(&caller, &ids).unwrap();
        assert_eq!(Some(id), key.order_id(&caller, &OrderIdKey::new("secret")));
        let scope = || key.scope(&caller).unwrap().into_iter();
        let computed = [None, Some(&b"order"[..]), Some(b"order id")]
            .map(|label| OrderId::derived(Digest::bytes_of(scope().chain(label))));
        assert!(!computed.contains(&id));
        assert_ne!(Some(id), key.order_id(&caller, &OrderIdKey::new("secre")));
        assert_ne!(Some(id), key.order_id(&caller, &OrderIdKey::new("")));
    }
}
