//! Identifiers. Those of merchants, stores and people contain no separator of keys (`#`). Those of
//! people can contain `|`, `@`, `+`, `:` and `/`, which topics encode; references to other systems
//! are encoded in keys too.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use uuid::Uuid;

use super::blank::ignorable;
use super::pasted::{edge, joint, pasted};
use super::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The form of an identifier: ASCII letters, digits and some other characters.
struct Form {
    /// The maximum number of characters.
    most: usize,
    /// The characters beside letters and digits.
    others: &'static [u8],
    /// True if the identifier may have been pasted: white space around it and invisible characters
    /// are dropped.
    is_pasted: bool,
    pattern: &'static str,
    rule: &'static str,
}

/// An identifier that a merchant gives.
const NAME: Form = Form {
    most: 64,
    others: b"._~-",
    is_pasted: false,
    pattern: "^[A-Za-z0-9._~-]+$",
    rule: "must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -",
};

/// An identifier that an identity provider gives: `auth0|5f7c…`, an e-mail address, a URI.
const PERSON: Form = Form {
    most: 128,
    others: b"._~-|@+:/",
    is_pasted: false,
    pattern: "^[A-Za-z0-9._~|@+:/-]+$",
    rule: "must be 1 to 128 of the characters A-Z a-z 0-9 . _ ~ - | @ + : /",
};

/// A customer's identifier in another system, which can be an identity provider.
const CUSTOMER: Form = Form {
    most: 128,
    rule: "must be 1 to 128 of the characters A-Z a-z 0-9 . _ ~ - | # / @ + : and spaces within",
    ..REFERENCE
};

/// An identifier that another system gives.
const REFERENCE: Form = Form {
    most: 64,
    others: b"._~-|#/@+: ",
    is_pasted: true,
    pattern: concat!(
        concat!("^[", edge!(), ignorable!(), "]*"),
        concat!("[A-Za-z0-9._~|#/@+:", r"\x2d\u2010-\u2015\u2212\ufe58\ufe63]"),
        concat!("(?:[A-Za-z0-9._~|#/@+:", joint!(), ignorable!(), "]*"),
        concat!("[A-Za-z0-9._~|#/@+:", r"\x2d\u2010-\u2015\u2212\ufe58\ufe63])?"),
        concat!("[", edge!(), ignorable!(), "]*$"),
    ),
    rule: "must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ - | # / @ + : and spaces within",
};

impl Form {
    fn check(&self, text: &str) -> Result<String, Invalid> {
        let plain = if self.is_pasted { pasted(text) } else { text.to_owned() };
        let allowed = |b: u8| b.is_ascii_alphanumeric() || self.others.contains(&b);
        let fits = !plain.is_empty() && text.chars().count() <= self.most;
        if fits && plain.bytes().all(allowed) { Ok(plain) } else { Err(Invalid::new(self.rule)) }
    }
}

/// All characters but those that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~').remove(b'-');

/// Percent-encodes an identifier: as topics contain all of them, and keys contain references.
pub(crate) fn encoded(id: &str) -> PercentEncode<'_> {
    utf8_percent_encode(id, RESERVED)
}

macro_rules! id {
    ($name:ident, $form:expr, $about:literal) => {
        #[doc = $about]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Accepts the characters and the length of the schema.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                $form.check(text).map(Self)
            }

            /// Returns the identifier's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// Returns the percent-encoded text: the text itself, if it has only unreserved
            /// characters (RFC 3986).
            pub fn encoded(&self) -> impl fmt::Display {
                encoded(&self.0)
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
                bounds: Bounds::Text { length: (1, $form.most), pattern: $form.pattern },
            };
        }
    };
}

id!(MerchantId, NAME, "A merchant's identifier. Every order belongs to one merchant, its tenant.");
id!(StoreId, NAME, "A store's identifier, unique within its merchant.");
id!(DriverId, PERSON, "A driver's identifier: the id in the driver's token.");
id!(
    CustomerReference,
    CUSTOMER,
    "The merchant's reference for a customer, unique within the merchant."
);
id!(
    ExternalId,
    REFERENCE,
    "The order's identifier in the merchant's own system, unique within the merchant."
);
id!(WebhookId, NAME, "An endpoint's identifier, unique within its merchant.");
id!(PrincipalId, PERSON, "The actor: the id in a token, or the name of a component of Waybill.");

/// A driver's id is the id in the driver's token.
impl From<&PrincipalId> for DriverId {
    fn from(id: &PrincipalId) -> Self {
        Self(id.0.clone())
    }
}

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

    /// Returns the id of these bytes, which are those of another one.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
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
        for text in ["", "a#b", "a:b", "a b", "a/b", "a%b", "é", "a\n", &"x".repeat(65)] {
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
    fn an_encoded_reference_has_no_separator() {
        for (text, encoded) in [
            ("A-Z.9_~", "A-Z.9_~"),
            ("ada@example.com", "ada%40example.com"),
            ("a#b/c:d +", "a%23b%2Fc%3Ad%20%2B"),
        ] {
            assert_eq!(CustomerReference::parse(text).unwrap().encoded().to_string(), encoded);
        }
    }

    #[test]
    fn a_person_has_the_id_that_the_identity_provider_gives() {
        for text in ["", "a#b", "a b", "a%b", "a\\b", "é", "a\n", &"x".repeat(129)] {
            assert!(PrincipalId::parse(text).is_err(), "{text:?}");
            assert!(DriverId::parse(text).is_err(), "{text:?}");
        }
        let long = "x".repeat(128);
        let given = [
            "auth0|507f1f77bcf86cd799439011",
            "ada+orders@example.org",
            "spiffe://example.org/driver/7",
            "+442079460000",
            &long,
        ];
        for text in given {
            assert_eq!(PrincipalId::parse(text).unwrap().as_str(), text);
            assert_eq!(DriverId::parse(text).unwrap().as_str(), text);
            assert_eq!(CustomerReference::parse(text).unwrap().as_str(), text);
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
                &REFERENCE.pattern.trim_matches(['^', '$']).replace("]*", "]{0,8}"),
            ).unwrap(),
        ) {
            prop_assert!(ExternalId::parse(&text).is_ok(), "{:?}", text);
        }
    }
}
