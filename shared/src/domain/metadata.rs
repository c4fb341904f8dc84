//! Free pairs of text that a caller hangs on an order or an event.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Invalid;

/// At most 20 pairs and 2,048 bytes of keys and values together. Not for
/// personal data: metadata is part of the head and of history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// The most pairs.
    pub const MAX_PAIRS: usize = 20;
    /// The most bytes, keys and values together, in UTF-8.
    pub const MAX_BYTES: usize = 2048;

    /// Accepts keys of 1 to 64 characters and any values, neither with control characters.
    pub fn parse(pairs: BTreeMap<String, String>) -> Result<Self, Invalid> {
        let bytes: usize = pairs.iter().map(|(key, value)| key.len() + value.len()).sum();
        let clean = |text: &str| !text.chars().any(char::is_control);
        let key_fits = |key: &str| (1..=64).contains(&key.chars().count()) && clean(key);
        if pairs.len() > Self::MAX_PAIRS || bytes > Self::MAX_BYTES {
            return Err(Invalid::new("must hold at most 20 pairs and 2048 bytes"));
        }
        if !pairs.iter().all(|(key, value)| key_fits(key) && clean(value)) {
            return Err(Invalid::new(
                "must have keys of 1 to 64 characters, and no control character anywhere",
            ));
        }
        Ok(Self(pairs))
    }

    /// Whether there is no pair.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, by key.
    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}
