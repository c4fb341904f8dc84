//! A customer's phone number or e-mail address.

use super::blank::{blank, prints_nothing};
use crate::{Bounds, Invalid, Shape, Shaped};

/// A phone number or an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact(String);

impl Contact {
    /// Accepts a phone number of 5 to 15 digits, which may have a leading `+` and
    /// be grouped with spaces, dots, hyphens and parentheses (up to 32 characters;
    /// 15 digits is E.164's bound), or an e-mail address of up to 254 characters
    /// (RFC 5321's bound on a path) with one `@` and a dot in its domain.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if is_phone(text) || is_email(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new("must be a phone number of 5 to 15 digits or an e-mail address"))
        }
    }

    /// Returns a contact that was stored. The contact was valid when it was written, perhaps under
    /// earlier rules.
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// Returns the contact as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the contact masked for readers who must recognise it but not use it: its last two
    /// digits, or the first character of its mailbox.
    pub fn masked(&self) -> String {
        if let Some((mailbox, _)) = self.0.split_once('@') {
            return mailbox.chars().take(1).chain("***@***".chars()).collect();
        }
        let digits: String = self.0.chars().filter(char::is_ascii_digit).collect();
        format!("***{}", &digits[digits.len().saturating_sub(2)..])
    }
}

impl Shaped for Contact {
    const SHAPE: Shape = Shape {
        name: None,
        about: "A phone number of 5 to 15 digits, or an e-mail address.",
        bounds: Bounds::AnyOf(&[
            Bounds::Text { length: (5, 32), pattern: r"^\+?[ .()-]*([0-9][ .()-]*){5,15}$" },
            Bounds::Text {
                length: (5, 254),
                pattern: concat!(
                    "^[^@",
                    blank!(),
                    "]{1,64}@[^@.",
                    blank!(),
                    r"]+(\.[^@.",
                    blank!(),
                    "]+)+$"
                ),
            },
        ]),
    };
}

fn is_phone(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or(text);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    text.len() <= 32
        && (5..=15).contains(&digits)
        && number.bytes().all(|b| b.is_ascii_digit() || b" .-()".contains(&b))
}

fn is_email(text: &str) -> bool {
    let plain = |c: char| !prints_nothing(c) && c != '@';
    text.chars().count() <= 254
        && text.split_once('@').is_some_and(|(mailbox, domain)| {
            (1..=64).contains(&mailbox.chars().count())
                && mailbox.chars().all(plain)
                && domain.chars().all(plain)
                && domain.split('.').count() > 1
                && domain.split('.').all(|label| !label.is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        for text in ["+44 20 7946 0000", "(020) 7946-0000", "12345", "ada@example.com", "é@é.fr"]
        {
            assert!(Contact::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "1234",
            "1234567890123456",
            "++4412345",
            "12345x",
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
            assert!(Contact::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_longest_contacts() {
        let phone = |blanks: usize| format!("+{}123456789012345", " ".repeat(blanks));
        assert!(Contact::parse(&phone(16)).is_ok());
        assert!(Contact::parse(&phone(17)).is_err());
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
}
