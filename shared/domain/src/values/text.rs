//! Text that people write: any Unicode of limited length, without control characters.

use std::fmt;

use super::serde_as_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// A text of 1 to `MAX` characters that is not blank and contains no control characters.
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
        let fits = text.chars().count() <= MAX
            && !text.trim().is_empty()
            && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(Self::rule()) }
    }

    /// Creates a text of Waybill itself, which must be valid.
    pub(crate) fn of_system(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    fn rule() -> Invalid {
        let rule =
            format!("must be 1 to {MAX} characters, without control characters, and not blank");
        Invalid(rule.into())
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

serde_as_text!(impl[const MAX: usize] Text<MAX>);

impl<const MAX: usize> Shaped for Text<MAX> {
    const SHAPE: Shape = Shape {
        name: None,
        about: "Any text without control characters that is not blank.",
        bounds: Bounds::Text {
            length: (1, MAX),
            pattern: r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        },
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
    fn text_is_kept_as_it_was_written() {
        for text in ["Ada", " Ada ", "Zoë 🚲", "عائشة", "a\u{200d}b"] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
    }
}
