//! Values as people paste them from documents, messages and web pages, or type them on other
//! keyboards.

use super::blank::is_ignorable;

/// The zero of each set of decimal digits beside ASCII that keyboards have: Arabic-Indic, Persian,
/// Devanagari, Bengali and Thai.
const ZEROS: [char; 5] = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}'];

/// The digits of [`ascii`], in the syntax of a pattern's class.
macro_rules! digit {
    () => {
        r"0-9\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19"
    };
}

/// The white space that [`pasted`] removes around a value, in the syntax of a pattern's class.
macro_rules! edge {
    () => {
        r"\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    };
}

/// The spaces and hyphens that [`pasted`] makes plain, in the syntax of a pattern's class.
macro_rules! joint {
    () => {
        r"\x20\x2d\xa0\u1680\u2000-\u200a\u2010-\u2015\u202f\u205f\u2212\u3000\ufe58\ufe63"
    };
}

pub(crate) use {digit, edge, joint};

/// Returns the text without white space around it and without invisible characters, such as the
/// bidirectional marks around a copied number, and with plain spaces and hyphens.
pub(super) fn pasted(text: &str) -> String {
    let plain = text.chars().filter(|c| !is_ignorable(*c)).map(|c| match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' => '-',
        other => other,
    });
    plain.collect::<String>().trim().to_owned()
}

/// Returns the ASCII form of a full-width character or of a decimal digit; others as they are.
pub(super) fn ascii(c: char) -> char {
    if let '\u{ff01}'..='\u{ff5e}' = c {
        return char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c);
    }
    let digit = |zero: &char| char::from_digit(u32::from(c).checked_sub((*zero).into())?, 10);
    ZEROS.iter().find_map(digit).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pasting_adds_is_taken_off() {
        for (text, plain) in [
            ("\u{202a}47\u{2011}11\u{202c}\n", "47-11"),
            ("\u{feff} a\u{a0}b\u{200b}\u{3000}", "a b"),
            ("a\nb", "a\nb"),
            ("\u{2069}", ""),
        ] {
            assert_eq!(pasted(text), plain);
        }
    }

    #[test]
    fn digits_are_those_of_ascii() {
        let text: String = "٠٩۰۹०९০৯๐๙０９＋（）ｘa".chars().map(ascii).collect();
        assert_eq!(text, "090909090909+()xa");
    }
}
