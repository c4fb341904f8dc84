//! One claim of a verified token, as the token has it or as API Gateway writes it.

use serde_json::Value;

use crate::Invalid;

/// A claim that is not null: null counts as absent.
#[derive(Clone, Copy, Debug)]
pub enum Claim<'a> {
    /// A string, or any value in the text that API Gateway makes of it.
    Text(&'a str),
    /// A value that is no string.
    Other(&'a Value),
}

impl<'a> Claim<'a> {
    /// Reads a claim of a token; `None` for null.
    pub fn of_token(value: &'a Value) -> Option<Self> {
        match value {
            Value::Null => None,
            Value::String(text) => Some(Self::Text(text)),
            other => Some(Self::Other(other)),
        }
    }

    /// Returns a claim that must be a string. The text of a list or an object has characters that
    /// no id has. The text of a number can be that of an id, such as `1`, and equal numbers have
    /// equal texts: it is refused only where it has an exponent, and so perhaps fewer digits than
    /// the number.
    pub(super) fn text(self) -> Result<&'a str, Invalid> {
        match self {
            Self::Text(text) if is_of_another_type(text) => {
                Err(Invalid::new("must be an id, not the text of null, a truth value or a number"))
            }
            Self::Text(text) => Ok(text),
            Self::Other(_) => Err(Invalid::new("must be a string")),
        }
    }

    /// Returns a claim that is a time, in whole seconds since 1970.
    pub(super) fn seconds(self) -> Option<i64> {
        let whole = |text: &str| text.split('.').next().and_then(|whole| whole.parse().ok());
        match self {
            Self::Text(text) => whole(text),
            Self::Other(Value::Number(number)) => whole(&number.to_string()),
            Self::Other(_) => None,
        }
    }
}

/// True for the text of null, of a truth value and of a number with an exponent.
fn is_of_another_type(text: &str) -> bool {
    let is_exponent =
        |text: &str| text.strip_prefix('+').is_some_and(|it| it.parse::<u32>().is_ok());
    ["null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
        || text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
            mantissa.parse::<f64>().is_ok() && is_exponent(exponent)
        })
}
