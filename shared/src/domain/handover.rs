//! Handing an order over to somebody who can name its code.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::as_text::serde_as_text;
use super::{Bounds, Invalid, Shape, Shaped, Version};

/// How often a wrong code may be named before nobody but operations delivers.
pub const MAX_REFUSALS: u32 = 5;

/// What the customer tells whoever hands the order over: 4 to 8 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverCode(String);

impl HandoverCode {
    /// Accepts 4 to 8 ASCII digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be 4 to 8 digits"))
        }
    }

    /// The code.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HandoverCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(HandoverCode);

impl Shaped for HandoverCode {
    const SHAPE: Shape = Shape {
        name: None,
        about: "What the customer tells whoever hands the order over.",
        bounds: Bounds::Text { length: (4, 8), pattern: "^[0-9]+$" },
    };
}

/// What an order that needs a code remembers of wrong ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// How often a wrong one was named.
    pub refusals: u32,
    /// The version of the last refusal.
    pub refused_at: Option<Version>,
}

impl Handover {
    /// How often a wrong code may be named yet.
    pub const fn tries_left(self) -> u32 {
        MAX_REFUSALS.saturating_sub(self.refusals)
    }

    /// The memory once a wrong code was named.
    #[must_use]
    pub const fn refused(self, version: Version) -> Self {
        Self { refusals: self.refusals + 1, refused_at: Some(version) }
    }
}

/// What became of an order's code as it was handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeCheck {
    /// It was named.
    Verified,
    /// Operations did without it.
    Waived,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_four_to_eight_digits_as_they_were_given() {
        for text in ["0000", "0123", "12345678"] {
            assert_eq!(HandoverCode::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "123", "123456789", "12 34", "+1234", "12a4", "١٢٣٤", "1234\n"] {
            assert!(HandoverCode::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn wrong_codes_are_counted_to_the_last_try_and_no_further() {
        let mut handover = Handover::default();
        for left in (0..MAX_REFUSALS).rev() {
            handover = handover.refused(Version(u64::from(10 - left)));
            assert_eq!(handover.tries_left(), left);
            assert_eq!(handover.refused_at, Some(Version(u64::from(10 - left))));
        }
        assert_eq!(handover.refused(Version(11)).tries_left(), 0);
    }
}
