//! The part of a driver's data that the customer of an order on the way sees.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::{PhotoUrl, Vehicle};
use crate::{Name, Text};

/// A driver's first name.
pub type FirstName = Text<40>;

/// A driver as a customer sees it: without the surname, the phone, the plate and the id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Courier {
    pub first_name: Option<FirstName>,
    pub vehicle: Vehicle,
    pub photo_url: Option<PhotoUrl>,
}

/// Titles that are no first names, in lower case and without a full stop.
const TITLES: [&str; 14] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "mlle", "sr",
    "sra",
];

/// The characters of a first name beside letters and their marks: hyphens, apostrophes, the middle
/// dots of Catalan and Japanese, and the joiners of Persian and the scripts of India.
const JOINTS: [char; 9] =
    ['-', '\u{2010}', '\'', '\u{2019}', '\u{2bc}', '\u{b7}', '\u{30fb}', '\u{200c}', '\u{200d}'];

/// Returns the first name in a name: its first word, after titles. In `Smith, Dan`, where a comma
/// follows the only word before it, it is the first word after the comma.
///
/// Returns `None` if the word could be something else than a first name: the one word after a title,
/// as in `Mr Smith`, a word of more than 40 characters, and a word with other characters than letters
/// and [`JOINTS`], such as a phone number or an e-mail address. A name of one word is returned whole,
/// as names are that are written without spaces.
pub fn first_name(name: &Name) -> Option<FirstName> {
    let given = match name.as_str().split_once(',') {
        Some((family, given)) if family.split_whitespace().count() == 1 => Some(given),
        Some(_) | None => None,
    };
    let is_after_surname = given.is_some();
    let mut words = given.unwrap_or(name.as_str()).split_whitespace().peekable();
    let mut has_title = false;
    while words.next_if(|word| is_title(word)).is_some() {
        has_title = true;
    }
    let first = words.next().filter(|word| is_name(word))?;
    let is_surname = has_title && !is_after_surname && words.next().is_none();
    FirstName::parse(first).ok().filter(|_| !is_surname)
}

fn is_title(word: &str) -> bool {
    let word = word.strip_suffix('.').unwrap_or(word).to_lowercase();
    TITLES.contains(&word.as_str())
}

/// True for a word of letters that begins with one; an initial can end with a full stop.
fn is_name(word: &str) -> bool {
    let letters = word.strip_suffix('.').unwrap_or(word);
    let is_in = |c, group: GeneralCategoryGroup| {
        group.contains(CodePointMapData::<GeneralCategory>::new().get(c))
    };
    let is_part = |c| {
        is_in(c, GeneralCategoryGroup::Letter)
            || is_in(c, GeneralCategoryGroup::Mark)
            || JOINTS.contains(&c)
    };
    letters.starts_with(|c| is_in(c, GeneralCategoryGroup::Letter)) && letters.chars().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(name: &str) -> Option<String> {
        first_name(&Name::parse(name).unwrap()).map(|it| it.to_string())
    }

    #[test]
    fn the_first_word_is_the_first_name() {
        for (name, expected) in [
            ("Dan Smith", "Dan"),
            ("  Dan \u{a0} Smith ", "Dan"),
            ("Dan", "Dan"),
            ("Ana María López-García", "Ana"),
            ("Jean-Luc D'Arc", "Jean-Luc"),
            ("D\u{2019}Arcy Smith", "D\u{2019}Arcy"),
            ("J. R. Smith", "J."),
            ("Zoe\u{308} Smith", "Zoe\u{308}"),
            ("عبد الله", "عبد"),
            ("विक्रम सिंह", "विक्रम"),
            ("می\u{200c}نا رضایی", "می\u{200c}نا"),
            ("Gal·la Puig", "Gal·la"),
            ("Dan Smith, Jr.", "Dan"),
        ] {
            assert_eq!(first(name).as_deref(), Some(expected), "{name}");
        }
    }

    #[test]
    fn a_title_is_no_first_name() {
        for (name, expected) in [
            ("Mr Dan Smith", Some("Dan")),
            ("mrs. Ada Byron", Some("Ada")),
            ("Prof. Dr. Ada Byron", Some("Ada")),
            ("Sra. Ana López", Some("Ana")),
            ("Drew Smith", Some("Drew")),
            // The word after a title alone is the surname.
            ("Mr Smith", None),
            ("Frau Dr. Müller", None),
            ("Dr.", None),
        ] {
            assert_eq!(first(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn a_surname_before_a_comma_is_no_first_name() {
        for (name, expected) in [
            ("Smith, Dan", Some("Dan")),
            ("Smith,Dan Robert", Some("Dan")),
            ("Smith, Dr. Dan", Some("Dan")),
            ("Smith,", None),
            ("Mr Smith, Dan", None),
        ] {
            assert_eq!(first(name).as_deref(), expected, "{name}");
        }
    }

    /// One word can be a whole name, which nothing divides.
    #[test]
    fn a_name_without_spaces_is_shown_whole() {
        assert_eq!(first("山田太郎").as_deref(), Some("山田太郎"));
    }

    #[test]
    fn nothing_else_passes_for_a_first_name() {
        for name in [
            "+44 20 7946 0021",
            "07946002100",
            "dan.smith@example.com",
            "https://example.com/dan Smith",
            "example.com Smith",
            "d1 Smith",
            "<b>Dan</b> Smith",
            "🚲 Dan",
            "-Dan Smith",
            "\u{200d} Smith",
            "\u{301}Dan Smith",
            "Dan/Smith",
            "Dan_Smith",
            "=Dan Smith",
            &"x".repeat(41),
            &format!("D{}", "\u{301}".repeat(40)),
        ] {
            assert_eq!(first(name), None, "{name}");
        }
        let bidirectional = Name::stored("Dan\u{202e}nad Smith".to_owned());
        assert_eq!(first_name(&bidirectional), None, "a name of earlier rules");
    }
}
