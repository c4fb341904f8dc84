//! Characters that print nothing.

use icu_properties::props::{BinaryProperty, DefaultIgnorableCodePoint};

/// Characters that have no glyph, although Unicode counts them as letters or signs: the blank
/// Braille pattern, the null notehead, the Khitan filler and the marks of annotations.
const WITHOUT_GLYPH: [char; 6] =
    ['\u{2800}', '\u{1d159}', '\u{16fe4}', '\u{fff9}', '\u{fffa}', '\u{fffb}'];

/// The characters of [`is_ignorable`] up to U+FFFF, in the syntax of a pattern's class; JSON
/// Schema has no notation for the others that every validator reads.
macro_rules! ignorable {
    () => {
        concat!(
            r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f",
            r"\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8",
        )
    };
}

/// The characters of [`prints_nothing`], likewise.
macro_rules! blank {
    () => {
        concat!(r"\s\x00-\x1f\x7f-\x9f\u2800\ufff9-\ufffb", $crate::values::blank::ignorable!())
    };
}

/// The pattern of a text that has no misleading character, none of the class `$banned`, and a
/// visible one.
macro_rules! visible {
    ($banned:literal) => {
        concat!(
            concat!("^[^", $banned, $crate::values::misleading::misleading!(), "]*"),
            concat!("[^", $crate::values::blank::blank!(), "]"),
            concat!("[^", $banned, $crate::values::misleading::misleading!(), "]*$"),
        )
    };
}

pub(crate) use {blank, ignorable, visible};

/// True for a character that is not shown unless it joins or varies others: Unicode's
/// `Default_Ignorable_Code_Point`.
pub(super) fn is_ignorable(c: char) -> bool {
    DefaultIgnorableCodePoint::for_char(c)
}

/// True for a character that prints nothing: a text of such characters only is blank.
pub(super) fn prints_nothing(c: char) -> bool {
    c.is_whitespace() || c.is_control() || is_ignorable(c) || WITHOUT_GLYPH.contains(&c)
}

#[cfg(test)]
mod tests {
    use crate::values::misleading::RANGES;
    use crate::{Address, Contact, CustomerReference, HandoverCode, Message, Metadata, Name};

    /// `Default_Ignorable_Code_Point` in DerivedCoreProperties.txt of Unicode 14 to 17.
    const IGNORABLE: [(u32, u32); 17] = [
        (0xad, 0xad),
        (0x34f, 0x34f),
        (0x61c, 0x61c),
        (0x115f, 0x1160),
        (0x17b4, 0x17b5),
        (0x180b, 0x180f),
        (0x200b, 0x200f),
        (0x202a, 0x202e),
        (0x2060, 0x206f),
        (0x3164, 0x3164),
        (0xfe00, 0xfe0f),
        (0xfeff, 0xfeff),
        (0xffa0, 0xffa0),
        (0xfff0, 0xfff8),
        (0x1bca0, 0x1bca3),
        (0x1d173, 0x1d17a),
        (0xe0000, 0xe0fff),
    ];

    fn ignorable() -> Vec<char> {
        let all = IGNORABLE.into_iter().flat_map(|(first, last)| first..=last);
        all.map(|code| char::from_u32(code).unwrap()).collect()
    }

    #[test]
    fn text_that_prints_nothing_is_blank() {
        let ignorable = ignorable();
        assert_eq!(ignorable.len(), 4174);
        let others = ['\u{2800}', '\u{1d159}', '\u{16fe4}', '\u{fffa}', '\u{a0}', '\u{3000}'];
        for c in ignorable.into_iter().chain(others) {
            for text in [c.to_string(), c.to_string().repeat(12), format!(" {c} ")] {
                assert!(Name::parse(&text).is_err(), "{text:?}");
                assert!(Message::parse(&text).is_err(), "{text:?}");
                assert!(Address::parse(&text).is_err(), "{text:?}");
                assert!(Contact::parse(&text).is_err(), "{text:?}");
                assert!(Contact::parse(&format!("{text}@b.c")).is_err(), "{text:?}");
                assert!(Contact::parse(&format!("a@{text}.c")).is_err(), "{text:?}");
                assert!(HandoverCode::parse(&text).is_err(), "{text:?}");
                assert!(CustomerReference::parse(&text).is_err(), "{text:?}");
                assert!(
                    Metadata::parse([(text.clone(), String::new())].into()).is_err(),
                    "{text:?}"
                );
            }
        }
    }

    /// Joiners, variations and soft hyphens belong to texts that print something.
    #[test]
    fn text_with_such_characters_is_as_it_was_written() {
        let misleads = |c: &char| RANGES.iter().any(|range| range.contains(c));
        for c in ignorable().into_iter().filter(|c| !misleads(c)) {
            let text = format!("a{c}b");
            assert_eq!(Name::parse(&text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn every_other_letter_prints_something() {
        for text in ["a", "ـ", "ㅤ가", "🚲", "ᄀ", "⠁", "་", "☐", "\u{e000}"] {
            assert!(Name::parse(text).is_ok(), "{text:?}");
        }
    }
}
