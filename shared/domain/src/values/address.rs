//! Postal addresses.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AddressText;
use crate::{Invalid, Location};

/// A postal address: its text alone, or an object that has its location too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "Form", into = "Form")]
#[schemars(inline)]
pub struct Address {
    pub text: AddressText,
    pub location: Option<Location>,
}

impl Address {
    /// Returns the address with this text and without a location.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        AddressText::parse(text).map(Self::from)
    }
}

impl From<AddressText> for Address {
    fn from(text: AddressText) -> Self {
        Self { text, location: None }
    }
}

/// The external and the stored form of an [`Address`]: text, as every address was before addresses
/// had locations, unless it has one.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Form {
    Text(AddressText),
    Located(LocatedAddress),
}

/// A postal address with its location.
#[derive(Serialize, Deserialize, JsonSchema)]
struct LocatedAddress {
    text: AddressText,
    location: Location,
}

impl From<Form> for Address {
    fn from(form: Form) -> Self {
        match form {
            Form::Text(text) => text.into(),
            Form::Located(LocatedAddress { text, location }) => {
                Self { text, location: Some(location) }
            }
        }
    }
}

impl From<Address> for Form {
    fn from(Address { text, location }: Address) -> Self {
        match location {
            None => Self::Text(text),
            Some(location) => Self::Located(LocatedAddress { text, location }),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_text_unless_it_has_a_location() {
        let plain = Address::parse("1 Mill Lane").unwrap();
        let location = Location::new(51.5, -0.127_758).ok();
        let located = Address { location, ..plain.clone() };
        let point = json!({ "lat": 51.5, "lng": -0.127_758 });
        for (address, form) in [
            (plain, json!("1 Mill Lane")),
            (located, json!({ "text": "1 Mill Lane", "location": point })),
        ] {
            assert_eq!(serde_json::to_value(&address).unwrap(), form);
            assert_eq!(serde_json::from_value::<Address>(form).unwrap(), address);
        }
    }
}
