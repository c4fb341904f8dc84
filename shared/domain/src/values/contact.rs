//! A customer's phone number or e-mail address.

use super::blank::{blank, ignorable, prints_nothing};
use super::pasted::{edge, pasted};
use super::phone;
use crate::{Bounds, Invalid, Shape, Shaped};

/// The maximum length of an e-mail address, in characters.
const MAX_EMAIL: usize = 254;

/// A phone number or an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// Accepts a phone number of 5 to 15 digits (up to 64 characters as given), or an e-mail
    /// address of up to 254 characters (RFC 5321's bound on a path) with one `@` and a dot in its
    /// domain. A number that names its country becomes E.164; invisible characters and white
    /// space that were pasted with the contact are dropped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (length, plain) = (text.chars().count(), pasted(text));
        let address = plain.strip_prefix("mailto:").filter(|it| !it.starts_with('@'));
        let address = address.unwrap_or(&plain);
        let contact = match is_email(address) {
            true if length <= MAX_EMAIL => Some(address.to_owned()),
            false if length <= phone::MAX_LENGTH => phone::phone(&plain),
            _ => None,
        };
        contact.map(Self).ok_or(Invalid::new(
            "must be a phone number of 5 to 15 digits, with the country's code if possible, or an \
             e-mail address",
        ))
    }

    /// Returns a contact that was stored. The contact was valid when it was written, perhaps under
    /// earlier rules.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the contact's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the contact masked for readers who must recognise it but not use it: its last two
    /// digits, or the first character of its mailbox.
    pub fn masked(&self) -> String {
        if let Some((mailbox, _)) = self.0.split_once('@') {
            return mailbox.chars().take(1).chain("***@***".chars()).collect();
        }
        let number = self.0.split(';').next().unwrap_or_default();
        let digits: String = number.chars().filter(char::is_ascii_digit).collect();
        format!("***{}", &digits[digits.len().saturating_sub(2)..])
    }
}

impl Shaped for Contact {
    const SHAPE: Shape = Shape {
        name: None,
        about: "A phone number of 5 to 15 digits, or an e-mail address. A number with its country's \
                code is returned as E.164 has it, such as `+442079460018`, with an extension as \
                `;ext=12`.",
        bounds: Bounds::AnyOf(&[
            Bounds::Text { length: (5, phone::MAX_LENGTH), pattern: phone::PATTERN },
            Bounds::Text { length: (5, MAX_EMAIL), pattern: EMAIL },
        ]),
    };
}

/// The pattern of an e-mail address, which may have been pasted.
const EMAIL: &str = concat!(
    concat!("^[", edge!(), ignorable!(), "]*"),
    concat!("(?:[^@", blank!(), "][", ignorable!(), "]*){1,64}@[", ignorable!(), "]*"),
    concat!("(?:[^@.", blank!(), "][", ignorable!(), "]*)+"),
    concat!(r"(?:\.[", ignorable!(), "]*(?:[^@.", blank!(), "][", ignorable!(), "]*)+)+"),
    concat!("[", edge!(), ignorable!(), "]*$"),
);

fn is_email(text: &str) -> bool {
    let plain = |c: char| !prints_nothing(c) && c != '@';
    text.split_once('@').is_some_and(|(mailbox, domain)| {
        (1..=64).contains(&mailbox.chars().count())
            && mailbox.chars().all(plain)
            && domain.chars().all(plain)
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::*;

    fn parsed(text: &str) -> Option<String> {
        Contact::parse(text).ok().map(|contact| contact.0)
    }

    #[test]
    fn a_number_with_its_country_is_kept_as_e164() {
        for text in [
            "+442079460018",
            "+44 20 7946 0018",
            "+44 (0)20 7946-0018",
            "(+44) 20/7946.0018",
            "0044 20 7946 0018",
            "tel:+44-20-7946-0018",
            "TEL: +44 20 7946 0018",
            "\u{202a}+44\u{a0}20\u{a0}7946\u{a0}0018\u{202c}",
            "\u{200e}+44\u{2011}20\u{2011}7946\u{2011}0018\u{200f}\n",
            "\u{2066}+44 20 7946 0018\u{2069}",
            "+44\u{200b}20\u{200c}7946\u{200d}0018\u{fe0f}",
            "+44 20 7946 \u{2013} 0018",
            "+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨",
            "+۴۴ ۲۰ ۷۹۴۶ ۰۰۱۸",
            "＋４４（０）２０　７９４６－００１８",
        ] {
            assert_eq!(parsed(text).as_deref(), Some("+442079460018"), "{text:?}");
        }
    }

    #[test]
    fn every_mark_around_and_within_a_number_is_taken_off() {
        let marks = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}');
        let marks = marks.chain('\u{200b}'..='\u{200f}').chain(['\u{a0}', '\u{2011}', '\u{fe0f}']);
        for mark in marks {
            let text = format!("{mark}+44{mark}20 7946{mark}0018");
            assert_eq!(parsed(&text).as_deref(), Some("+442079460018"), "{text:?}");
        }
    }

    #[test]
    fn a_number_without_its_country_is_kept_as_given() {
        for (text, kept) in [
            ("(020) 7946-0000", "(020) 7946-0000"),
            (" 020/7946 0000 ", "020/7946 0000"),
            ("\u{202d}020\u{2011}7946\u{202c}", "020-7946"),
            ("12345", "12345"),
            ("٠٢٠٧٩٤٦", "0207946"),
            ("001234", "001234"),
            ("+012345", "+012345"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(kept), "{text:?}");
        }
    }

    #[test]
    fn an_extension_is_kept() {
        for text in
            ["x12", " x12", " X 12", " ext. 12", ", ext 12", " Extension: 12", ";ext=12", "#12"]
        {
            let number = format!("+44 20 7946 0018{text}");
            let kept = (!text.starts_with(',')).then_some("+442079460018;ext=12");
            assert_eq!(parsed(&number).as_deref(), kept, "{number:?}");
        }
        assert_eq!(parsed("020 7946 x12").as_deref(), Some("020 7946;ext=12"));
        assert_eq!(Contact::parse("+44 20 7946 0018 x99").unwrap().masked(), "***18");
    }

    #[test]
    fn an_address_is_kept_without_what_was_pasted_with_it() {
        for (text, kept) in [
            ("ada@example.com", "ada@example.com"),
            ("\u{200e} ada@example.com\n", "ada@example.com"),
            ("mailto:ada@example.com", "ada@example.com"),
            ("a\u{200b}da@exam\u{ad}ple.com", "ada@example.com"),
            ("é@é.fr", "é@é.fr"),
        ] {
            assert_eq!(parsed(text).as_deref(), Some(kept), "{text:?}");
        }
    }

    #[test]
    fn contacts_that_reach_nobody_are_refused() {
        for text in [
            "",
            "1234",
            "1234567890123456",
            "++4412345",
            "44+12345",
            "+44123+45",
            "12345x",
            "12345 x12345678",
            "12345 call me",
            "12345\n67890",
            "tel:",
            "ada",
            "@b.c",
            "a@b",
            "a@b.",
            "a@b@c.d",
            "a b@c.d",
            "a@.c",
            "a\n@b.c",
            &format!("{}@b.c", "a".repeat(65)),
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_longest_contacts() {
        let phone = |blanks: usize| format!("+{}123456789012345", " ".repeat(blanks));
        assert!(Contact::parse(&phone(48)).is_ok());
        assert!(Contact::parse(&phone(49)).is_err());
        let email = |label: usize| format!("{}@{}.b", "a".repeat(64), "c".repeat(label));
        assert_eq!(email(187).len(), 254);
        assert!(Contact::parse(&email(187)).is_ok());
        assert!(Contact::parse(&email(188)).is_err());
        let unicode = |mailbox: usize| format!("{}@b.c", "é".repeat(mailbox));
        assert!(Contact::parse(&unicode(64)).is_ok());
        assert!(Contact::parse(&unicode(65)).is_err());
    }

    #[test]
    fn a_mask_shows_what_recognises_and_no_more() {
        assert_eq!(Contact::parse("+44 20 7946 0018").unwrap().masked(), "***18");
        assert_eq!(Contact::parse("ada@example.com").unwrap().masked(), "a***@***");
    }

    proptest! {
        /// The patterns of the documents promise no more than is accepted.
        #[test]
        fn what_fits_the_documented_pattern_is_accepted(
            phone in text_of(phone::PATTERN),
            email in text_of(&EMAIL.replace("[^@", r"[^\x{10000}-\x{10ffff}@")),
        ) {
            for (text, most) in [(phone, phone::MAX_LENGTH), (email, MAX_EMAIL)] {
                if text.chars().count() <= most {
                    let contact = parsed(&text);
                    prop_assert!(contact.is_some(), "{:?}", text);
                    let again = parsed(contact.as_deref().unwrap_or_default());
                    prop_assert_eq!(again, contact, "{:?}", text);
                }
            }
        }
    }

    /// Draws short texts that match a pattern.
    fn text_of(pattern: &str) -> impl Strategy<Value = String> {
        string_regex(&pattern.trim_matches(['^', '$']).replace("]*", "]{0,2}")).unwrap()
    }
}
