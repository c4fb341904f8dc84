//! The external form of values: the part of their rules that a JSON Schema can express.

use clock::Timestamp;
use schemars::{Schema, json_schema};

/// The external form of a value.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The schema's name in documents; `None` to write the schema inline.
    pub name: Option<&'static str>,
    pub about: &'static str,
    pub bounds: Bounds,
}

/// The bounds of a text or a number.
#[derive(Clone, Copy, Debug)]
pub enum Bounds {
    Text {
        /// The minimum and the maximum number of characters.
        length: (usize, usize),
        pattern: &'static str,
    },
    /// A string of a format that JSON Schema knows.
    Format(&'static str),
    /// One of these strings.
    OneOf(fn() -> Vec<&'static str>),
    Boolean,
    /// A whole number between a minimum and a maximum, both inclusive.
    Integer(i64, i64),
    /// A number between a minimum and a maximum, both inclusive.
    Decimal(i32, i32),
    AnyOf(&'static [Bounds]),
}

/// A type with an external form.
pub trait Shaped {
    /// The type's external form.
    const SHAPE: Shape;
}

impl Shaped for Timestamp {
    const SHAPE: Shape = Shape {
        name: Some("Timestamp"),
        about: "An instant in UTC, to the millisecond.",
        bounds: Bounds::Format("date-time"),
    };
}

impl<T: Shaped> Shaped for &T {
    const SHAPE: Shape = T::SHAPE;
}

impl Shape {
    /// Returns the shape as a JSON Schema.
    pub fn schema(&self) -> Schema {
        let mut schema = self.bounds.schema();
        if !self.about.is_empty() {
            schema.insert("description".to_owned(), self.about.into());
        }
        schema
    }
}

impl Bounds {
    fn schema(&self) -> Schema {
        match *self {
            Self::Text { length: (least, most), pattern } => json_schema!({
                "type": "string", "minLength": least, "maxLength": most, "pattern": pattern,
            }),
            Self::Format(format) => json_schema!({ "type": "string", "format": format }),
            Self::Boolean => json_schema!({ "type": "boolean" }),
            Self::OneOf(names) => json_schema!({ "type": "string", "enum": names() }),
            Self::Integer(least, most) => json_schema!({
                "type": "integer", "format": "int64", "minimum": least, "maximum": most,
            }),
            Self::Decimal(least, most) => json_schema!({
                "type": "number", "format": "double", "minimum": least, "maximum": most,
            }),
            Self::AnyOf(some) => json_schema!({
                "anyOf": some.iter().map(Self::schema).collect::<Vec<_>>(),
            }),
        }
    }
}

/// Returns the name of a field's type: `PriceDifference` for `price_difference`.
pub fn type_name(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        first.to_ascii_uppercase() + rest
    };
    name.split('_').map(word).collect()
}

/// Implements `JsonSchema` for a type by its [`Shape`].
macro_rules! schema_of_shape {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                <Self as $crate::Shaped>::SHAPE.name.is_none()
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                <Self as $crate::Shaped>::SHAPE.name.unwrap_or(stringify!($type)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                <Self as $crate::Shaped>::SHAPE.schema()
            }
        }
    };
    ($type:ty) => {
        $crate::values::schema_of_shape!(impl[] $type);
    };
}

pub(crate) use schema_of_shape;

#[cfg(test)]
mod tests {
    use schemars::{JsonSchema, SchemaGenerator};

    use super::*;

    /// The crate `clock` does not know shapes and writes its schema itself.
    #[test]
    fn an_instant_has_the_schema_of_its_shape() {
        let schema = Timestamp::json_schema(&mut SchemaGenerator::default());
        assert_eq!(schema, Timestamp::SHAPE.schema());
    }
}
