//! Cursors: a place in a list, signed for one principal and one query.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::{Kind, Problem};
use crate::domain::Principal;
use crate::store::Position;

/// Bytes of the signature that a cursor carries.
const MAC_BYTES: usize = 16;

/// What cursors are signed with. A cursor gives nothing that the query would not
/// give its principal, so the signature keeps cursors opaque, not data safe.
#[derive(Clone, Debug)]
pub struct CursorKey(hmac::Key);

impl CursorKey {
    /// `secret` is the deployment's own.
    pub fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// The cursor of a position; `query` names the list and its filters.
    pub fn sign(&self, position: &Position, principal: &Principal, query: &str) -> String {
        let mut cursor =
            self.mac(position.as_str(), principal, query).as_ref()[..MAC_BYTES].to_vec();
        cursor.extend_from_slice(position.as_str().as_bytes());
        URL_SAFE_NO_PAD.encode(cursor)
    }

    /// The position of a cursor that was given out to this principal for this query.
    pub fn verify(
        &self,
        cursor: &str,
        principal: &Principal,
        query: &str,
    ) -> Result<Position, Problem> {
        self.read(cursor, principal, query).ok_or_else(|| {
            let detail = "Use a cursor only for the next page of the query that gave it.";
            Problem::new(Kind::InvalidCursor, detail)
        })
    }

    fn read(&self, cursor: &str, principal: &Principal, query: &str) -> Option<Position> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (mac, position) = bytes.split_at_checked(MAC_BYTES)?;
        let position = str::from_utf8(position).ok()?;
        let expected = self.mac(position, principal, query);
        let same = aws_lc_rs::constant_time::verify_slices_are_equal;
        same(&expected.as_ref()[..MAC_BYTES], mac).ok()?;
        Some(Position::new(position))
    }

    fn mac(&self, position: &str, principal: &Principal, query: &str) -> hmac::Tag {
        let principal = serde_json::to_string(principal).unwrap_or_default();
        let mut context = hmac::Context::with_key(&self.0);
        for part in [&principal, query, position] {
            context.update(&part.len().to_be_bytes());
            context.update(part.as_bytes());
        }
        context.sign()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Party, PrincipalId};

    fn ops(id: &str) -> Principal {
        Principal { id: PrincipalId::parse(id).unwrap(), party: Party::Ops }
    }

    #[test]
    fn a_cursor_is_good_for_whom_and_what_it_was_given() {
        let key = CursorKey::new("secret");
        let position = Position::new("2026-11-21T09:30:00.000Z#id");
        let cursor = key.sign(&position, &ops("a"), "q");
        assert_eq!(key.verify(&cursor, &ops("a"), "q").unwrap(), position);
        assert!(key.verify(&cursor, &ops("b"), "q").is_err());
        assert!(key.verify(&cursor, &ops("a"), "p").is_err());
        assert!(CursorKey::new("other").verify(&cursor, &ops("a"), "q").is_err());
        for at in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).unwrap();
            assert!(key.verify(&forged, &ops("a"), "q").is_err(), "{at}");
            assert!(key.verify(&cursor[..at], &ops("a"), "q").is_err(), "{at}");
        }
        assert!(key.verify("é", &ops("a"), "q").is_err());
    }
}
