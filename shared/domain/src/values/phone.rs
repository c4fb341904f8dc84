//! Phone numbers, as people write and paste them.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::blank::ignorable;
use super::pasted::{ascii, digit, edge, joint, pasted};
use super::stored_text;
use crate::{Bounds, Invalid, Shape, Shaped};

/// A phone number: of a customer, it is a [`Contact`](crate::Contact).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phone(String);

impl Phone {
    /// Accepts 5 to 15 digits, up to 64 characters as given. A number that names its country
    /// becomes E.164; invisible characters and white space that were pasted with it are dropped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let fits = text.chars().count() <= MAX_LENGTH;
        let number = phone(&pasted(text)).filter(|_| fits);
        let rule = "must be a phone number of 5 to 15 digits, with the country's code if possible";
        number.map(Self).ok_or(Invalid::new(rule))
    }

    /// Returns a number that was stored. The number was valid when it was written, perhaps under
    /// earlier rules.
    const fn stored(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stored_text!(impl[] Phone);

/// A response may contain a number of earlier rules, so its schema has only a length.
impl JsonSchema for Phone {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Phone".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 5 })
    }
}

impl Shaped for Phone {
    const SHAPE: Shape = Shape {
        name: None,
        about: "A phone number of 5 to 15 digits. A number with its country's code is returned as \
                E.164 has it, such as `+442079460018`, with an extension as `;ext=12`.",
        bounds: Bounds::Text { length: (5, MAX_LENGTH), pattern: PATTERN },
    };
}

/// The maximum length of a number as given, in characters.
pub(super) const MAX_LENGTH: usize = 64;

/// The minimum and the maximum number of digits: E.164 allows 15.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=15;

/// The words before an extension, in lower case; the first is that of RFC 3966.
const EXTENSIONS: [&str; 5] = [";ext=", "extension", "ext", "x", "#"];

/// Characters between digits, in the syntax of a pattern's class.
macro_rules! separator {
    () => {
        concat!(ignorable!(), joint!(), r"./()\uff08\uff09\uff0d\uff0e\uff0f")
    };
}

/// `$count` digits, each with the separators after it.
macro_rules! digits {
    ($count:literal) => {
        concat!("(?:[", digit!(), "][", separator!(), "]*)", $count)
    };
}

/// The pattern of the numbers that [`phone`] accepts.
pub(super) const PATTERN: &str = concat!(
    concat!("^[", edge!(), ignorable!(), "]*(?:[tT][eE][lL]:)?[", separator!(), "]*"),
    concat!(r"(?:[+\uff0b][", separator!(), "]*|"),
    concat!(r"(?:[0\u0660\u06f0\u0966\u09e6\u0e50\uff10][", separator!(), "]*){2})?"),
    digits!("{5,15}"),
    r"(?:(?:;[eE][xX][tT]=|[eE][xX][tT](?:[eE][nN][sS][iI][oO][nN])?|[xX]|#)",
    concat!("[.:", joint!(), ignorable!(), "]*"),
    concat!("(?:[", digit!(), "][", ignorable!(), "]*){1,7})?"),
    concat!("[", edge!(), ignorable!(), "]*$"),
);

/// Reads a number of 5 to 15 digits, grouped in any way, with `tel:` before it or an extension
/// after it. A number that names its country, with `+` or `00`, is returned in the form of E.164,
/// any other as given. An extension follows in the form of RFC 3966: `;ext=12`.
pub(super) fn phone(pasted: &str) -> Option<String> {
    let text = pasted.chars().map(ascii).collect::<String>().to_ascii_lowercase();
    let text = text.strip_prefix("tel:").unwrap_or(&text);
    let is_number = |c: char| c.is_ascii_digit() || " .-/()+".contains(c);
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = international(number).or_else(|| national(number))?;
    Some(number + &extension(rest)?)
}

/// Returns a number that names its country in the form of E.164.
fn international(number: &str) -> Option<String> {
    let all = digits(number);
    let country = match number.split_once('+') {
        Some((before, after)) if digits(before).is_empty() && !after.contains('+') => &all,
        Some(_) => return None,
        None => all.strip_prefix("00")?,
    };
    if !DIGITS.contains(&country.len()) || country.starts_with('0') {
        return None;
    }
    // "+44 (0)20": the 0 is dialled only within the country.
    let abroad = digits(&number.replacen("(0)", "", 1));
    let abroad = if number.contains('+') { &abroad } else { abroad.strip_prefix("00")? };
    let digits = if DIGITS.contains(&abroad.len()) { abroad } else { country };
    Some(format!("+{digits}"))
}

/// Returns a number without a country as given.
fn national(number: &str) -> Option<String> {
    let number = number.trim();
    let first = number.trim_start_matches([' ', '.', '-', '/', '(', ')']);
    let first = first.strip_prefix('+').unwrap_or(first);
    let all = digits(first);
    let counts = [&*all, all.strip_prefix("00").unwrap_or_default()].map(str::len);
    let fits = !first.contains('+') && counts.iter().any(|count| DIGITS.contains(count));
    fits.then(|| number.to_owned())
}

/// Returns the extension in the form of RFC 3966, empty for none; `None` if `rest` is none.
fn extension(rest: &str) -> Option<String> {
    if rest.is_empty() {
        return Some(String::new());
    }
    let named = EXTENSIONS.iter().find_map(|word| rest.strip_prefix(word))?;
    let digits = named.trim_start_matches(['.', ':', ' ', '-']);
    let is_extension =
        (1..=7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    is_extension.then(|| format!(";ext={digits}"))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tests of contacts have more numbers.
    #[test]
    fn a_phone_number_is_no_address() {
        for (text, kept) in [
            ("\u{202a}+44 20 7946 0018\u{202c}", Some("+442079460018")),
            ("020 7946 x12", Some("020 7946;ext=12")),
            ("1234", None),
            ("ada@example.com", None),
            ("mailto:12345@b.c", None),
            ("", None),
        ] {
            assert_eq!(Phone::parse(text).ok().map(|it| it.0).as_deref(), kept, "{text:?}");
        }
        let number = |blanks: usize| format!("+{}123456789012345", " ".repeat(blanks));
        assert!(Phone::parse(&number(48)).is_ok());
        assert!(Phone::parse(&number(49)).is_err());
    }
}
