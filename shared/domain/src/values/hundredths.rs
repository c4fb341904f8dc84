//! Numbers with two decimals.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number with two decimals, which is not negative. Unlike a float, it equals what it reads back as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hundredths(u32);

impl Hundredths {
    /// Creates the number of so many hundredths.
    pub const fn new(hundredths: u32) -> Self {
        Self(hundredths)
    }

    /// Returns the number.
    pub fn get(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl Serialize for Hundredths {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.get())
    }
}

impl<'de> Deserialize<'de> for Hundredths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hundredths = (f64::deserialize(deserializer)? * 100.0).round();
        if !(0.0..=f64::from(u32::MAX)).contains(&hundredths) {
            return Err(de::Error::custom("a number is out of range"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        let hundredths = hundredths as u32;
        Ok(Self(hundredths))
    }
}

impl JsonSchema for Hundredths {
    fn schema_name() -> Cow<'static, str> {
        "Hundredths".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0 })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_reads_back_as_it_was(hundredths in any::<u32>()) {
            let text = serde_json::to_string(&Hundredths::new(hundredths)).unwrap();
            let read: Hundredths = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read, Hundredths::new(hundredths), "{}", text);
        }
    }

    #[test]
    fn a_number_that_is_negative_or_too_large_is_not_read() {
        for wrong in ["-1", "1e9", "\"1\""] {
            assert!(serde_json::from_str::<Hundredths>(wrong).is_err(), "{wrong}");
        }
        let read: Hundredths = serde_json::from_str("1").unwrap();
        assert_eq!(
            (read, serde_json::to_string(&read).unwrap()),
            (Hundredths::new(100), "1.0".to_owned())
        );
    }
}
