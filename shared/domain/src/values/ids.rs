//! Identifiers. No identifier contains a key separator (`#`), a topic separator (`:`) or a
//! character that must be escaped in a URL. References to other systems may, and are escaped in
//! keys and topics.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use super::blank::ignorable;
use super::pasted::{edge, joint, pasted};
use super::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum length of an identifier, in characters.
const MAX_LENGTH: usize = 64;

const RULE: Invalid = Invalid::new("must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -");

/// The pattern of an identifier.
const PATTERN: &str = "^[A-Za-z0-9._~-]+$";

const REFERENCE_RULE: Invalid = Invalid::new(
    "must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ - # / @ + : and spaces within",
);

/// The pattern of a reference, which may have been pasted.
const REFERENCE_PATTERN: &str = concat!(
    concat!("^[", edge!(), ignorable!(), "]*"),
    concat!("[A-Za-z0-9._~#/@+:", r"\x2d\u2010-\u2015\u2212\ufe58\ufe63]"),
    concat!("(?:[A-Za-z0-9._~#/@+:", joint!(), ignorable!(), "]*"),
    concat!("[A-Za-z0-9._~#/@+:", r"\x2d\u2010-\u2015\u2212\ufe58\ufe63])?"),
    concat!("[", edge!(), ignorable!(), "]*$"),
);

/// The characters of references that are escaped in keys and topics: all that identifiers do not
/// have.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~').remove(b'-');

const fn is_plain(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'~' | b'-')
}

fn check(text: &str) -> Result<String, Invalid> {
    if (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(RULE)
    }
}

fn check_reference(text: &str) -> Result<String, Invalid> {
    let plain = pasted(text);
    let allowed = |b: u8| is_plain(b) || b"#/@+: ".contains(&b);
    let fits = !plain.is_empty() && text.chars().count() <= MAX_LENGTH;
    if fits && plain.bytes().all(allowed) { Ok(plain) } else { Err(REFERENCE_RULE) }
}

macro_rules! id {
    ($name:ident, $about:literal) => {
        id!(
            $name,
            $about,
            check,
            PATTERN,
            "Accepts 1 to 64 of the characters `A–Z a–z 0–9 . _ ~ -`."
        );
    };
    ($name:ident, $about:literal, $check:ident, $pattern:ident, $rule:literal) => {
        #[doc = $about]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            #[doc = $rule]
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                $check(text).map(Self)
            }

            /// Returns the identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        serde_as_text!($name);

        impl Shaped for $name {
            const SHAPE: Shape = Shape {
                name: Some(stringify!($name)),
                about: $about,
                bounds: Bounds::Text { length: (1, MAX_LENGTH), pattern: $pattern },
            };
        }
    };
}

/// Declares an identifier that another system gives out.
macro_rules! reference {
    ($name:ident, $about:literal) => {
        id!(
            $name,
            $about,
            check_reference,
            REFERENCE_PATTERN,
            "Accepts 1 to 64 of the characters `A–Z a–z 0–9 . _ ~ - # / @ + :` and spaces between \
             them. White space around the text and invisible characters are dropped."
        );

        impl $name {
            /// Returns the percent-encoded text, as keys and topics contain it: the text itself, if
            /// the text has only characters of other identifiers.
            pub fn encoded(&self) -> impl fmt::Display {
                utf8_percent_encode(&self.0, ESCAPED)
            }

            /// Parses the text of [`encoded`](Self::encoded), and no other encoding of it.
            pub fn decode(encoded: &str) -> Result<Self, Invalid> {
                let text = percent_decode_str(encoded).decode_utf8().map_err(|_| REFERENCE_RULE)?;
                let is_one = |it: &Self| it.encoded().to_string() == encoded;
                Self::parse(&text).ok().filter(is_one).ok_or(REFERENCE_RULE)
            }
        }
    };
}

id!(MerchantId, "A merchant's identifier. Every order belongs to one merchant, its tenant.");
id!(StoreId, "A store's identifier, unique within its merchant.");
id!(DriverId, "A driver's identifier: the `sub` of the driver's token.");
reference!(
    CustomerReference,
    "The merchant's reference for a customer, unique within the merchant."
);
reference!(
    ExternalId,
    "The order's identifier in the merchant's own system, unique within the merchant."
);
id!(PrincipalId, "The actor: the `sub` of a token, or the name of a component of Waybill.");

impl PrincipalId {
    /// Creates the id of a component of Waybill.
    pub(crate) fn of_system(part: &'static str) -> Self {
        Self(part.to_owned())
    }
}

/// An order's identifier, a UUID in its lower-case hyphenated text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderId(Uuid);

impl OrderId {
    /// The nil UUID, which no order has.
    pub const NIL: Self = Self(Uuid::nil());

    /// Wraps a UUID: version 7, or derived from an Idempotency-Key.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Derives an id from `digest`: a UUID of version 8, the content of which an application is
    /// free to choose.
    pub const fn derived(digest: [u8; 16]) -> Self {
        Self(Uuid::new_v8(digest))
    }

    /// Returns the UUID's 16 bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// Accepts only the lower-case hyphenated form, so that the text of an id is unique.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Uuid::parse_str(text)
            .map(Self)
            .ok()
            .filter(|id| id.to_string() == text)
            .ok_or(Invalid::new("must be a UUID in lower case with hyphens"))
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

serde_as_text!(OrderId);

impl Shaped for OrderId {
    const SHAPE: Shape = Shape {
        name: Some("OrderId"),
        about: "An order's identifier, a UUID in lower case with hyphens.",
        bounds: Bounds::Format("uuid"),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::*;

    #[test]
    fn an_id_that_holds_a_separator_or_nothing_or_too_much_does_not_parse() {
        for text in ["", "a#b", "a:b", "a b", "a/b", "é", "a\n", &"x".repeat(65)] {
            assert!(MerchantId::parse(text).is_err(), "{text:?}");
        }
        for text in ["a", "A-Z.9_~", &"x".repeat(64)] {
            assert_eq!(MerchantId::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_reference_has_the_characters_of_other_systems() {
        for text in [
            "web#1017",
            "2026/0001",
            "ada@example.com",
            "a+b",
            "urn:x:1",
            "a b",
            "-",
            &"#".repeat(64),
        ] {
            assert_eq!(ExternalId::parse(text).unwrap().as_str(), text);
        }
        for (pasted, plain) in
            [(" web-1 \n", "web-1"), ("\u{200e}a\u{2011}b\u{a0}c\u{feff}", "a-b c")]
        {
            assert_eq!(CustomerReference::parse(pasted).unwrap().as_str(), plain);
        }
        for text in ["", " ", "a\nb", "é", "a,b", "a%b", "a?b", "\u{200b}", &"x".repeat(65)] {
            assert!(ExternalId::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_encoded_reference_has_no_separator_and_names_one_reference() {
        for (text, encoded) in [
            ("A-Z.9_~", "A-Z.9_~"),
            ("ada@example.com", "ada%40example.com"),
            ("a#b/c:d +", "a%23b%2Fc%3Ad%20%2B"),
        ] {
            let reference = CustomerReference::parse(text);
            assert_eq!(reference.as_ref().unwrap().encoded().to_string(), encoded);
            assert_eq!(CustomerReference::decode(encoded), reference);
        }
        for text in ["a@b", "a%2fb", "%61", "a%2", "%ff", "%20a", "a b"] {
            assert!(CustomerReference::decode(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_order_has_one_name() {
        let id = "0195b3c0-7b1e-7000-8000-0123456789ab";
        assert_eq!(OrderId::parse(id).unwrap().to_string(), id);
        for other in [id.to_uppercase(), id.replace('-', ""), format!("{{{id}}}")] {
            assert!(OrderId::parse(&other).is_err(), "{other}");
        }
    }

    proptest! {
        /// The pattern of the documents promises no more than is accepted.
        #[test]
        fn what_fits_the_documented_pattern_is_accepted(
            text in string_regex(
                &REFERENCE_PATTERN.trim_matches(['^', '$']).replace("]*", "]{0,8}"),
            ).unwrap(),
        ) {
            prop_assert!(ExternalId::parse(&text).is_ok(), "{:?}", text);
        }
    }
}
