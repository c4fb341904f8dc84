//! Free-form pairs of text that a caller attaches to an order or an event.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::blank::{prints_nothing, visible};
use super::misleading::{misleading, refuse_misleading};
use crate::Invalid;

/// Free-form pairs of text: at most 20 pairs, and 2,048 bytes of keys and values together. Not
/// for personal data: metadata is part of the head and of history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// No pairs.
    pub const EMPTY: &'static Self = &Self(BTreeMap::new());
    /// The maximum number of pairs.
    pub const MAX_PAIRS: usize = 20;
    /// The pattern of a key in a request. Stored keys are of earlier rules.
    pub const KEY_PATTERN: &str = visible!(r"\x00-\x1f\x7f-\x9f");
    /// The pattern of a value in a request, likewise.
    pub const VALUE_PATTERN: &str = concat!(r"^[^\x00-\x1f\x7f-\x9f", misleading!(), "]*$");
    /// The maximum size of all keys and values together, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 2048;

    /// Returns pairs that were stored. They were valid when they were written, perhaps under
    /// earlier rules.
    pub const fn stored(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }

    /// Accepts pairs that each pass [`Metadata::check`].
    pub fn parse(pairs: BTreeMap<String, String>) -> Result<Self, Invalid> {
        let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
        if pairs.len() > Self::MAX_PAIRS || bytes > Self::MAX_BYTES {
            let (pairs, bytes) = (Self::MAX_PAIRS, Self::MAX_BYTES);
            return Err(Invalid(
                format!("must hold at most {pairs} pairs and {bytes} bytes").into(),
            ));
        }
        pairs.iter().try_for_each(|(key, value)| Self::check(key, value))?;
        Ok(Self(pairs))
    }

    /// Accepts a key of 1 to 64 characters of which one is visible, and any value, both without
    /// control characters and misleading ones.
    pub fn check(key: &str, value: &str) -> Result<(), Invalid> {
        refuse_misleading(key)?;
        refuse_misleading(value)?;
        if !(1..=64).contains(&key.chars().count()) || key.chars().all(prints_nothing) {
            return Err(Invalid::new(
                "must have a key of 1 to 64 characters, of which one is visible",
            ));
        }
        if key.chars().chain(value.chars()).any(char::is_control) {
            return Err(Invalid::new("must not contain control characters, in key or value"));
        }
        Ok(())
    }

    /// Returns true if there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the pairs, sorted by key.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

impl JsonSchema for Metadata {
    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let clean = r"^[^\x00-\x1f\x7f-\x9f]*$";
        let bytes = Self::MAX_BYTES;
        json_schema!({
            "type": "object",
            "description": format!(
                "Free-form key-value pairs of text, at most {bytes} bytes of UTF-8 in total. Not \
                 for personal data."
            ),
            "maxProperties": Self::MAX_PAIRS,
            "propertyNames": { "minLength": 1, "maxLength": 64, "pattern": clean },
            "additionalProperties": { "type": "string", "maxLength": bytes, "pattern": clean },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<const N: usize>(pairs: [(&str, &str); N]) -> Result<Metadata, Invalid> {
        Metadata::parse(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into())
    }

    #[test]
    fn twenty_pairs_fit_and_no_more() {
        let pairs = |count: usize| (0..count).map(|n| (format!("key{n}"), String::new())).collect();
        assert_eq!(Metadata::parse(pairs(20)).unwrap().pairs().len(), 20);
        assert!(Metadata::parse(pairs(21)).is_err());
    }

    #[test]
    fn keys_and_values_together_are_bounded_in_bytes() {
        assert!(parse([("key", &"v".repeat(2045))]).is_ok());
        assert!(parse([("key", &"v".repeat(2046))]).is_err());
        assert!(parse([("a", &"é".repeat(511)), ("bbb", &"é".repeat(511))]).is_ok());
        assert!(parse([("a", &"é".repeat(511)), ("bbbb", &"é".repeat(511))]).is_err());
    }

    #[test]
    fn a_key_has_1_to_64_characters() {
        for key in ["k", &"k".repeat(64), &"é".repeat(64)] {
            assert!(parse([(key, "")]).is_ok(), "{key:?}");
        }
        for key in ["", " ", "\u{200b}", &"k".repeat(65), &"é".repeat(65)] {
            assert!(parse([(key, "")]).is_err(), "{key:?}");
        }
    }

    #[test]
    fn control_characters_are_refused_in_keys_and_values() {
        for text in ["a\0", "a\nb", "\u{7f}", "\u{85}"] {
            assert!(parse([(text, "value")]).is_err(), "{text:?}");
            assert!(parse([("key", text)]).is_err(), "{text:?}");
        }
    }

    #[test]
    fn no_pairs_are_metadata_too() {
        assert_eq!(parse([]), Ok(Metadata::default()));
        assert!(Metadata::default().is_empty());
        assert!(!parse([("key", "")]).unwrap().is_empty());
    }
}
