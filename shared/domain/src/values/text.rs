//! Text that people write: any Unicode of limited length, without control characters.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::blank::{prints_nothing, visible};
use super::stored_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// A text of 1 to `MAX` characters that prints something and contains no control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

/// A person's or a product's name.
pub type Name = Text<200>;
/// A stock-keeping unit: the merchant's identifier of a product.
pub type Sku = Text<64>;
/// A postal address on one line.
pub type Address = Text<500>;
/// A remark for operations, support and the merchant.
pub type Note = Text<1000>;
/// A remark for everyone who can see the order.
pub type Message = Text<1000>;
/// The reason for an action.
pub type Reason = Text<500>;

impl<const MAX: usize> Text<MAX> {
    /// Accepts 1 to `MAX` characters (Unicode scalar values).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if !(1..=MAX).contains(&text.chars().count()) {
            return Err(Invalid(format!("must be 1 to {MAX} characters").into()));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::new("must not contain control characters"));
        }
        if text.chars().all(prints_nothing) {
            return Err(Invalid::new("must contain a character that is visible"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns a text that was stored. The text was valid when it was written, perhaps under
    /// earlier rules.
    pub(crate) const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Creates a text of Waybill itself, which must be valid.
    pub(crate) fn of_system(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Text<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_text!(impl[const MAX: usize] Text<MAX>);

/// A response may contain a text of earlier rules, so its schema has only the length.
impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": MAX })
    }
}

impl<const MAX: usize> Shaped for Text<MAX> {
    const SHAPE: Shape = Shape {
        name: None,
        about: "Any text without control characters that has a visible character.",
        bounds: Bounds::Text { length: (1, MAX), pattern: visible!(r"\x00-\x1f\x7f-\x9f") },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Text::<3>::parse("ééé").is_ok());
        assert!(Text::<3>::parse("éééé").is_err());
    }

    #[test]
    fn blank_and_control_characters_are_refused() {
        for text in ["", "   ", "\u{2003}", "a\0b", "a\nb", "\u{85}x", "a\u{7f}"] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_kind_of_text_has_its_bound() {
        fn assert_bound<const MAX: usize>(_: fn(&str) -> Result<Text<MAX>, Invalid>, bound: usize) {
            let of_length = |length| Text::<MAX>::parse(&"é".repeat(length));
            assert!(of_length(bound).is_ok(), "{bound}");
            let refusal = of_length(bound + 1).unwrap_err().to_string();
            assert!(refusal.contains(&bound.to_string()), "{refusal}");
        }
        assert_bound(Name::parse, 200);
        assert_bound(Sku::parse, 64);
        assert_bound(Address::parse, 500);
        assert_bound(Note::parse, 1000);
        assert_bound(Message::parse, 1000);
        assert_bound(Reason::parse, 500);
    }

    #[test]
    fn a_stored_text_reads_as_it_was_written() {
        for text in ["\u{200b}", "a\nb", ""] {
            let stored: Name = serde_json::from_value(text.into()).unwrap();
            assert_eq!(serde_json::to_value(stored).unwrap(), text);
        }
    }

    #[test]
    fn text_is_kept_as_it_was_written() {
        for text in ["Ada", " Ada ", "Zoë 🚲", "عائشة", "a\u{200d}b"] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
    }
}
