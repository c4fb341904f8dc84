//! The code that proves that an order is handed to the right person.

use schemars::JsonSchema;

use super::{Bounds, Invalid, Shape, Shaped, name_enum, serde_as_text};

/// The code that the customer tells the driver at handover: 4 to 8 digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverCode(String);

impl HandoverCode {
    /// Accepts 4 to 8 ASCII digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
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
        bounds: Bounds::Text { length: (4, 8), pattern: "^[0-9]+$" },
    };
}

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
    use super::*;

    #[test]
    fn a_code_is_four_to_eight_digits_as_they_were_given() {
        for text in ["0000", "0123", "12345678"] {
            assert_eq!(HandoverCode::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "123", "123456789", "12 34", "+1234", "12a4", "١٢٣٤", "1234\n"] {
            assert!(HandoverCode::parse(text).is_err(), "{text:?}");
        }
    }
}
