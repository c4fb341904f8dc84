//! Idempotency: requests that can be retried.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Version;
use serde::{Deserialize, Serialize};

use crate::{Db, DbError, Head};

/// The first 128 bits of a SHA-256 digest, as 22 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Returns the digest of several parts. The boundaries between the parts count.
    pub fn of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Self::bytes_of(parts)))
    }

    /// Returns the same 128 bits as bytes.
    pub fn bytes_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 16] {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&part.len().to_be_bytes());
            context.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&context.finish().as_ref()[..16]);
        bytes
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A request with an `Idempotency-Key`, as two digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedRequest {
    /// The digest of the key and its scope: issuer, role, id, binding, method, path.
    pub key: Digest,
    /// The digest of the key, its scope and the body's bytes.
    pub body: Digest,
}

/// A request that changed an order, as its head remembers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Remembered {
    pub(super) request: KeyedRequest,
    /// The version that the request's commit ended with.
    pub(super) version: Version,
}

/// Serialised as `KEY.BODY.VERSION`, because a head has little room.
impl From<Remembered> for String {
    fn from(Remembered { request: KeyedRequest { key, body }, version }: Remembered) -> Self {
        format!("{key}.{body}.{version}")
    }
}

impl TryFrom<String> for Remembered {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts: Vec<_> = text.split('.').collect();
        let [key, body, version] = parts[..] else { return Err("not a remembered request") };
        let request = KeyedRequest { key: Digest(key.to_owned()), body: Digest(body.to_owned()) };
        let version = version.parse().map_err(|_| "not a version")?;
        Ok(Self { request, version: Version(version) })
    }
}

/// The requests that a head remembers, oldest first. Requests that drop out are still in history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Ring(Vec<Remembered>);

impl Ring {
    const SIZE: usize = 8;

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the ring after one more commit.
    #[must_use]
    pub(super) fn with(&self, request: Option<&KeyedRequest>, version: Version) -> Self {
        let new = request.map(|request| Remembered { request: request.clone(), version });
        let all: Vec<_> = self.0.iter().cloned().chain(new).collect();
        Self(all[all.len().saturating_sub(Self::SIZE)..].to_vec())
    }

    fn find(&self, request: &KeyedRequest) -> Option<&Remembered> {
        self.0.iter().find(|remembered| remembered.request.key == request.key)
    }

    fn may_have_forgotten(&self) -> bool {
        self.0.len() == Self::SIZE
    }
}

/// The result of looking up a request by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The request is new.
    Never,
    /// The request made the commit that ended with this version.
    At(Version),
    /// The key made a commit with another body.
    WithAnotherBody,
}

impl Head {
    /// Returns the version of the commit that `request` made, if the head remembers it. Reads
    /// nothing.
    pub fn made_by(&self, request: &KeyedRequest) -> Option<Version> {
        let remembered = self.ring.find(request)?;
        (remembered.request == *request).then_some(remembered.version)
    }
}

impl Db {
    /// Looks `request` up in the head, and also in history (read consistently) if the head may
    /// have dropped it.
    pub(super) async fn seen(&self, head: &Head, request: &KeyedRequest) -> Result<Seen, DbError> {
        let remembered = match head.ring.find(request) {
            Some(remembered) => Some(remembered.clone()),
            None if head.ring.may_have_forgotten() => {
                self.remembered(head.order.id, &request.key).await?
            }
            None => None,
        };
        Ok(match remembered {
            None => Seen::Never,
            Some(remembered) if remembered.request.body == request.body => {
                Seen::At(remembered.version)
            }
            Some(_) => Seen::WithAnotherBody,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_part_ends_counts() {
        let of = |parts: &[&str]| Digest::of(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
        assert_eq!(of(&["ab", "c"]).to_string().len(), 22);
    }

    #[test]
    fn the_ring_keeps_the_last_eight() {
        let request = |n: u64| {
            let digest = Digest::of([&n.to_be_bytes()[..]]);
            KeyedRequest { key: digest.clone(), body: digest }
        };
        let ring =
            (1..=9).fold(Ring::default(), |ring, n| ring.with(Some(&request(n)), Version(n)));
        assert!(ring.find(&request(1)).is_none() && ring.may_have_forgotten());
        assert_eq!(ring.find(&request(9)).map(|it| it.version), Some(Version(9)));
        assert_eq!(ring.with(None, Version(10)), ring);
    }
}
