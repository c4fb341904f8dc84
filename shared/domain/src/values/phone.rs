//! Phone numbers, as people write and paste them.

use super::blank::ignorable;
use super::pasted::{ascii, digit, edge, joint};

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
