//! Identifiers. No identifier contains the separator of keys (`#`). Identifiers that an identity
//! provider gives can contain `|`, `@`, `+`, `:` and `/`; topics and URLs encode these.

use std::fmt;

use uuid::Uuid;

use super::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The form of an identifier: ASCII letters, digits and some other characters.
struct Form {
    /// The maximum number of characters.
    most: usize,
    /// The characters beside letters and digits.
    others: &'static [u8],
    pattern: &'static str,
    rule: &'static str,
}

/// An identifier that a merchant gives.
const NAME: Form = Form {
    most: 64,
    others: b"._~-",
    pattern: "^[A-Za-z0-9._~-]+$",
    rule: "must be 1 to 64 of the characters A-Z a-z 0-9 . _ ~ -",
};

/// An identifier that an identity provider gives: `auth0|5f7c…`, an e-mail address, a URI.
const PERSON: Form = Form {
    most: 128,
    others: b"._~-|@+:/",
    pattern: "^[A-Za-z0-9._~|@+:/-]+$",
    rule: "must be 1 to 128 of the characters A-Z a-z 0-9 . _ ~ - | @ + : /",
};

impl Form {
    fn check(&self, text: &str) -> Result<String, Invalid> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || self.others.contains(&b);
        if (1..=self.most).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(text.to_owned())
        } else {
            Err(Invalid::new(self.rule))
        }
    }
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
    PERSON,
    "The merchant's reference for a customer, unique within the merchant."
);
id!(
    ExternalId,
    NAME,
    "The order's identifier in the merchant's own system, unique within the merchant."
);
id!(PrincipalId, PERSON, "The actor: the id in a token, or the name of a component of Waybill.");

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
    fn a_person_has_the_id_that_the_identity_provider_gives() {
        for text in ["", "a#b", "a b", "a%b", "a\\b", "é", "a\n", &"x".repeat(129)] {
            assert!(PrincipalId::parse(text).is_err(), "{text:?}");
            assert!(DriverId::parse(text).is_err(), "{text:?}");
            assert!(CustomerReference::parse(text).is_err(), "{text:?}");
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
}
