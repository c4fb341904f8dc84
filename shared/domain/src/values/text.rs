//! Text that people write: any Unicode of limited length, without control characters; line breaks
//! only in texts of several lines.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::blank::{prints_nothing, visible};
use super::misleading::refuse_misleading;
use super::stored_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// A text of 1 to `MAX` characters that prints something and contains neither control characters
/// nor misleading ones. With `LINES`, it may have line breaks, each a line feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<const MAX: usize, const LINES: bool = false>(String);

/// A text that may have several lines.
pub type Lines<const MAX: usize> = Text<MAX, true>;

/// A person's or a product's name.
pub type Name = Text<200>;
/// A stock-keeping unit: the merchant's identifier of a product.
pub type Sku = Text<64>;
/// The text of a postal address.
pub type AddressText = Lines<500>;
/// A remark for operations, support and the merchant.
pub type Note = Lines<1000>;
/// A remark for everyone who can see the order.
pub type Message = Lines<1000>;
/// The reason for an action.
pub type Reason = Lines<500>;

impl<const MAX: usize, const LINES: bool> Text<MAX, LINES> {
    /// Accepts 1 to `MAX` characters (Unicode scalar values), where a line break of any system
    /// counts as one.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text =
            if LINES { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() };
        if !(1..=MAX).contains(&text.chars().count()) {
            return Err(Invalid(format!("must be 1 to {MAX} characters").into()));
        }
        if text.chars().any(|c| c.is_control() && !(LINES && c == '\n')) {
            return Err(Invalid::new(if LINES {
                "must not contain control characters other than line breaks"
            } else {
                "must not contain control characters, such as line breaks"
            }));
        }
        refuse_misleading(&text)?;
        if text.chars().all(prints_nothing) {
            return Err(Invalid::new("must contain a character that is visible"));
        }
        Ok(Self(text))
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

impl<const MAX: usize, const LINES: bool> fmt::Display for Text<MAX, LINES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_text!(impl[const MAX: usize, const LINES: bool] Text<MAX, LINES>);

/// A response may contain a text of earlier rules, so its schema has only the length.
impl<const MAX: usize, const LINES: bool> JsonSchema for Text<MAX, LINES> {
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

impl<const MAX: usize, const LINES: bool> Shaped for Text<MAX, LINES> {
    const SHAPE: Shape = Shape {
        name: None,
        about: if LINES {
            "Any text, of several lines too, that has a visible character and none of U+2028 to \
             U+202E and U+2066 to U+2069. Line breaks become line feeds."
        } else {
            "Any text on one line that has a visible character and none of U+2028 to U+202E and \
             U+2066 to U+2069."
        },
        bounds: Bounds::Text {
            length: (1, MAX),
            pattern: if LINES {
                visible!(r"\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f")
            } else {
                visible!(r"\x00-\x1f\x7f-\x9f")
            },
        },
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(Text::<3, false>::parse("ééé").is_ok());
        assert!(Text::<3, false>::parse("éééé").is_err());
    }

    #[test]
    fn blank_and_control_characters_are_refused() {
        for text in ["", "   ", "\u{2003}", "a\0b", "a\nb", "\u{85}x", "a\u{7f}"] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn each_kind_of_text_has_its_bound() {
        fn assert_bound<const MAX: usize, const LINES: bool>(
            _: fn(&str) -> Result<Text<MAX, LINES>, Invalid>,
            bound: usize,
        ) {
            let of_length = |length| Text::<MAX, LINES>::parse(&"é".repeat(length));
            assert!(of_length(bound).is_ok(), "{bound}");
            let refusal = of_length(bound + 1).unwrap_err().to_string();
            assert!(refusal.contains(&bound.to_string()), "{refusal}");
        }
        assert_bound(Name::parse, 200);
        assert_bound(Sku::parse, 64);
        assert_bound(AddressText::parse, 500);
        assert_bound(Note::parse, 1000);
        assert_bound(Message::parse, 1000);
        assert_bound(Reason::parse, 500);
    }

    #[test]
    fn a_text_of_several_lines_has_line_feeds() {
        for text in ["12 St James\nLondon", "12 St James\r\nLondon", "12 St James\rLondon"] {
            assert_eq!(AddressText::parse(text).unwrap().as_str(), "12 St James\nLondon");
            assert!(Name::parse(text).is_err(), "{text:?}");
            assert!(Sku::parse(text).is_err(), "{text:?}");
        }
        for text in ["\n", "\r\n \n", "a\tb", "a\0b", "a\u{85}b", "a\u{b}b"] {
            assert!(Note::parse(text).is_err(), "{text:?}");
        }
        let breaks = |count| format!("a{}", "\r\n".repeat(count));
        assert!(Reason::parse(&breaks(499)).is_ok());
        assert!(Reason::parse(&breaks(500)).is_err());
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
