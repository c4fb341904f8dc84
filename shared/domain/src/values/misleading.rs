//! Characters by which a text shows something else than it says.

use std::ops::RangeInclusive;

use crate::Invalid;

/// The separators of lines and paragraphs, and the embeddings, overrides and isolates of direction
/// (UAX #9), in the syntax of a pattern's class. The marks U+200E, U+200F and U+061C and the
/// joiners are not among them: they belong to words of Arabic, Hebrew, Persian and other scripts,
/// and turn nothing but themselves.
macro_rules! misleading {
    () => {
        r"\u2028-\u202e\u2066-\u2069"
    };
}

pub(crate) use misleading;

/// The same characters.
pub(super) const RANGES: [RangeInclusive<char>; 2] =
    ['\u{2028}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// Refuses a text with such a character, and names the first one.
pub(super) fn refuse_misleading(text: &str) -> Result<(), Invalid> {
    text.chars().find(|c| RANGES.iter().any(|range| range.contains(c))).map_or(Ok(()), |found| {
        let found = u32::from(found);
        let detail = "which is not shown and changes how the rest is shown";
        Err(Invalid(format!("must not contain the character U+{found:04X}, {detail}").into()))
    })
}

#[cfg(test)]
mod tests {
    use super::RANGES;
    use crate::{Address, Contact, CustomerReference, HandoverCode, Invalid, Metadata, Name};

    fn metadata(key: &str, value: &str) -> Result<Metadata, Invalid> {
        Metadata::parse([(key.to_owned(), value.to_owned())].into())
    }

    #[test]
    fn a_character_that_turns_a_text_is_refused_by_its_name() {
        for c in RANGES.into_iter().flatten() {
            for text in [format!("pay{c}yap"), format!("{c}pay"), format!("pay{c}")] {
                for refused in [
                    Name::parse(&text).map(drop),
                    Address::parse(&text).map(drop),
                    metadata(&text, "value").map(drop),
                    metadata("key", &text).map(drop),
                ] {
                    let detail = refused.unwrap_err().to_string();
                    let name = format!("must not contain the character U+{:04X}", u32::from(c));
                    assert!(detail.starts_with(&name), "{detail}");
                }
            }
        }
    }

    /// References, contacts and codes are kept in plain characters.
    #[test]
    fn no_such_character_is_kept_in_a_value_that_is_pasted() {
        for c in RANGES.into_iter().flatten() {
            for kept in [
                CustomerReference::parse(&format!("a{c}b")).map(|it| it.to_string()),
                HandoverCode::parse(&format!("47{c}11")).map(|it| it.to_string()),
                Contact::parse(&format!("a@b{c}.example")).map(|it| it.as_str().to_owned()),
                Contact::parse(&format!("020 {c}7946")).map(|it| it.as_str().to_owned()),
            ] {
                assert!(kept.is_err() || kept.as_ref().is_ok_and(|it| it.is_ascii()), "{kept:?}");
            }
        }
    }

    #[test]
    fn words_of_every_script_are_kept_with_their_marks() {
        for text in [
            "\u{200f}עברית\u{200f} (12)",
            "שלום \u{200e}12-34\u{200e}",
            "عربي\u{61c} ٣",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "👩\u{200d}🚒",
            "café\u{ad}teria",
        ] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
            assert_eq!(Address::parse(text).unwrap().text.as_str(), text);
            assert!(metadata(text, text).is_ok(), "{text:?}");
        }
    }
}
