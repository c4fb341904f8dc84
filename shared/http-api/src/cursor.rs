//! Cursors: a position in a list, or the progress of a longer query, encrypted for one
//! principal and one query.

use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::Position;
use domain::{Bounds, Invalid, Principal, Shape, Shaped};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};

use super::{Problem, ProblemKind, QueryParameters};

/// The position of the next page, encrypted with a [`CursorKey`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(String);

/// The length of the cursor of an empty position, in characters: that of a tag.
const SHORTEST: usize = 22;

/// The maximum length of a cursor, in characters. API Gateway accepts 10,240 bytes of request
/// line and headers, including the token.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const LONGEST: usize = 6_000;

impl Cursor {
    /// Accepts any text; [`CursorKey::open`] validates it.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Accepts a text of the form of cursors, for the field of a body; [`CursorKey::open`] validates
    /// it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let is_part = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let is_cursor = (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(is_part);
        let rule = || Invalid::new("must be the cursor of a response");
        is_cursor.then(|| Self(text.to_owned())).ok_or_else(rule)
    }

    /// Returns true if the cursor is short enough for a request.
    pub const fn fits(&self) -> bool {
        self.0.len() <= LONGEST
    }

    /// Takes the parameter `cursor` of a query.
    pub fn take(query: &mut QueryParameters) -> Option<Self> {
        query.take("cursor", |text| Ok(Self::new(text)))
    }
}

impl Shaped for Cursor {
    const SHAPE: Shape = Shape {
        name: Some("Cursor"),
        about: "The position of the next page; valid only for the same caller and query.",
        bounds: Bounds::Text { length: (SHORTEST, LONGEST), pattern: "^[A-Za-z0-9_-]+$" },
    };
}

impl JsonSchema for Cursor {
    fn schema_name() -> Cow<'static, str> {
        "Cursor".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Self::SHAPE.schema()
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key that encrypts cursors. A position may name an order that the list skipped and that the
/// principal may not see, so only Waybill can read it.
#[derive(Debug)]
pub struct CursorKey(LessSafeKey);

impl CursorKey {
    /// Derives the key from `secret`, which is specific to the deployment.
    pub fn new(secret: &str) -> Self {
        let key = digest(&SHA256, secret.as_bytes());
        let key = UnboundKey::new(&AES_256_GCM_SIV, key.as_ref());
        // The digest has 32 bytes, as the algorithm requires.
        #[expect(clippy::unwrap_used, reason = "the key's length is the algorithm's")]
        Self(LessSafeKey::new(key.unwrap()))
    }

    /// Returns the cursor of a position; `query` identifies the list and its filters.
    pub fn seal(
        &self,
        position: &Position,
        principal: &Principal,
        query: &str,
    ) -> Result<Cursor, Problem> {
        self.seal_bytes(position.as_str().into(), principal, query)
    }

    /// Returns the position of a cursor that was issued to this principal for this query.
    pub fn open(
        &self,
        cursor: &Cursor,
        principal: &Principal,
        query: &str,
    ) -> Result<Position, Problem> {
        let position = String::from_utf8(self.open_bytes(cursor, principal, query)?);
        position.map(Position::new).map_err(Problem::from_fault)
    }

    /// Returns a cursor of arbitrary bytes. The caller must check that the cursor
    /// [`fits`](Cursor::fits).
    pub fn seal_bytes(
        &self,
        mut bytes: Vec<u8>,
        principal: &Principal,
        query: &str,
    ) -> Result<Cursor, Problem> {
        let bound = bound_to(principal, query);
        self.0.seal_in_place_append_tag(nonce(), bound, &mut bytes).map_err(Problem::from_fault)?;
        Ok(Cursor(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Returns the bytes given to [`CursorKey::seal_bytes`] for this principal and this query.
    pub fn open_bytes(
        &self,
        cursor: &Cursor,
        principal: &Principal,
        query: &str,
    ) -> Result<Vec<u8>, Problem> {
        self.read(&cursor.0, principal, query).ok_or_else(Self::invalid)
    }

    pub(crate) fn invalid() -> Problem {
        let detail = "A cursor is valid only for the next page of the query that returned it.";
        Problem::new(ProblemKind::InvalidCursor, detail)
    }

    fn read(&self, cursor: &str, principal: &Principal, query: &str) -> Option<Vec<u8>> {
        let mut sealed = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let bound = bound_to(principal, query);
        self.0.open_in_place(nonce(), bound, &mut sealed).ok().map(|bytes| bytes.to_vec())
    }
}

/// Returns the same nonce for every cursor: with AES-GCM-SIV (RFC 8452) this reveals only that
/// two cursors are equal.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

fn bound_to(principal: &Principal, query: &str) -> Aad<Vec<u8>> {
    let principal = serde_json::to_string(principal).unwrap_or_default();
    let length = principal.len().to_be_bytes();
    Aad::from([&length[..], principal.as_bytes(), query.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Party, PrincipalId};

    fn ops(id: &str) -> Principal {
        Principal { id: PrincipalId::parse(id).unwrap(), party: Party::Ops }
    }

    #[test]
    fn a_cursor_is_good_for_whom_and_what_it_was_given() {
        let key = CursorKey::new("secret");
        let position = Position::new("2026-11-21T09:30:00.000Z#id");
        let cursor = key.seal(&position, &ops("a"), "q").unwrap();
        assert_eq!(key.open(&cursor, &ops("a"), "q").unwrap(), position);
        let text = URL_SAFE_NO_PAD.decode(&cursor.0).unwrap();
        assert!(!text.windows(4).any(|it| it == b"2026"), "a position is nobody's to read");
        assert!(key.open(&cursor, &ops("b"), "q").is_err());
        assert!(key.open(&cursor, &ops("a"), "p").is_err());
        assert!(CursorKey::new("other").open(&cursor, &ops("a"), "q").is_err());
        for at in 0..cursor.0.len() {
            let mut forged = cursor.0.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = Cursor(String::from_utf8(forged).unwrap());
            assert!(key.open(&forged, &ops("a"), "q").is_err(), "{at}");
            let truncated = Cursor::new(&cursor.0[..at]);
            assert!(key.open(&truncated, &ops("a"), "q").is_err(), "{at}");
        }
        assert!(key.open(&Cursor::new("é"), &ops("a"), "q").is_err());
    }
}
