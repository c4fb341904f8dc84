//! Reading numbers.

use std::str::FromStr;

use domain::{Bounds, Invalid, Shape, Shaped};
use serde_json::Value;

use super::Content;

/// A type that is read from a whole number.
pub trait Number: Shaped + TryFrom<u64, Error = Invalid> {}

impl<T: Shaped + TryFrom<u64, Error = Invalid>> Number for T {}

/// The greatest whole number that every JSON parser reads exactly (RFC 8259, section 6).
pub const MAX_EXACT: i64 = (1 << 53) - 1;

/// True if every JSON parser reads the number as it was written, apart from trailing zeros.
#[expect(clippy::cast_precision_loss, reason = "the constant is exact as a float")]
pub(super) fn is_exact(number: &serde_json::Number) -> bool {
    number.as_f64().is_some_and(|number| number.abs() <= MAX_EXACT as f64)
}

/// Reads a value that is no `u64` as `u64::MAX`, for `T` to reject as too large.
pub(super) fn of_number<T: Number>(value: &Value) -> Result<T, Invalid> {
    T::try_from(whole(value).unwrap_or(u64::MAX))
}

/// Parses a number without a fraction: in JSON Schema, 1 and 1.0 are the same integer.
fn whole<T: FromStr>(value: &Value) -> Option<T> {
    let number = value.as_number()?;
    let float = number.as_f64().filter(|_| number.is_f64());
    float.map_or_else(|| number.to_string(), |float| float.to_string()).parse().ok()
}

/// Returns the content of a field that holds a whole number from `least` to `most`.
pub(super) const fn between(least: i64, most: i64) -> Content {
    Content::Value(Shape { name: None, about: "", bounds: Bounds::Integer(least, most) })
}

/// Returns the content of a field that holds a number from `least` to `most`.
pub(super) const fn decimal_between(least: i32, most: i32) -> Content {
    Content::Value(Shape { name: None, about: "", bounds: Bounds::Decimal(least, most) })
}

pub(super) fn of_decimal(least: i32, most: i32) -> impl FnOnce(Value) -> Result<f64, Invalid> {
    move |value| {
        let range = f64::from(least)..=f64::from(most);
        let number = value.as_f64().filter(|number| range.contains(number));
        let rule = || Invalid(format!("must be a number from {least} to {most}").into());
        number.ok_or_else(rule)
    }
}

pub(super) fn of_integer(least: i64, most: i64) -> impl FnOnce(Value) -> Result<i64, Invalid> {
    move |value| {
        let number = whole(&value).filter(|number| (least..=most).contains(number));
        let rule = || Invalid(format!("must be a whole number from {least} to {most}").into());
        number.ok_or_else(rule)
    }
}
