//! The code that proves that an order is handed to the right person.

use schemars::JsonSchema;

use super::blank::ignorable;
use super::pasted::{ascii, digit, edge, joint, pasted};
use super::{Bounds, Invalid, Shape, Shaped, name_enum, serde_as_text};

/// The maximum length of a code as given, in characters.
const MAX_LENGTH: usize = 32;

/// The code that the customer tells the driver at handover: 4 to 8 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverCode(String);

impl HandoverCode {
    /// Accepts 4 to 8 digits of any keyboard, up to 32 characters with spaces and hyphens between
    /// them. The code is kept in ASCII digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let pasted = pasted(text);
        let code: String = pasted.chars().map(ascii).filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_code = (4..=8).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit());
        if is_code && text.chars().count() <= MAX_LENGTH {
            Ok(Self(code))
        } else {
            Err(Invalid::new("must be 4 to 8 digits"))
        }
    }

    /// Returns the code's digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HandoverCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(HandoverCode);

impl Shaped for HandoverCode {
    const SHAPE: Shape = Shape {
        name: None,
        about: "The code that the customer tells the driver at handover.",
        bounds: Bounds::Text { length: (4, MAX_LENGTH), pattern: PATTERN },
    };
}

/// The pattern of a code as given.
const PATTERN: &str = concat!(
    concat!("^[", edge!(), ignorable!(), "]*[", joint!(), ignorable!(), "]*"),
    concat!("(?:[", digit!(), "][", joint!(), ignorable!(), "]*){4,8}"),
    concat!("[", edge!(), ignorable!(), "]*$"),
);

name_enum! {
    /// The result of checking an order's handover code.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum CodeCheck {
        /// The code was correct.
        Verified = "verified",
        /// Operations delivered without the code.
        Waived = "waived",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::string::string_regex;

    use super::*;

    #[test]
    fn a_code_is_four_to_eight_digits_as_they_were_given() {
        for text in ["0000", "0123", "12345678"] {
            assert_eq!(HandoverCode::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "123", "123456789", "+1234", "12a4", "12\n34", "½¼¾¼"] {
            assert!(HandoverCode::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_code_may_be_pasted_or_typed_on_any_keyboard() {
        for text in ["12 34", "12-34", "1234\n", "\u{202a}12\u{2011}34\u{202c}", "١٢٣٤", "１２３４"]
        {
            assert_eq!(HandoverCode::parse(text).unwrap().as_str(), "1234", "{text:?}");
        }
        assert!(HandoverCode::parse(&format!("{}1234", " ".repeat(28))).is_ok());
        assert!(HandoverCode::parse(&format!("{}1234", " ".repeat(29))).is_err());
    }

    proptest! {
        /// The pattern of the documents promises no more than is accepted.
        #[test]
        fn what_fits_the_documented_pattern_is_accepted(
            text in string_regex(&PATTERN.trim_matches(['^', '$']).replace("]*", "]{0,3}")).unwrap(),
        ) {
            let fits = text.chars().count() <= MAX_LENGTH;
            prop_assert_eq!(HandoverCode::parse(&text).is_ok(), fits, "{:?}", text);
        }
    }
}
