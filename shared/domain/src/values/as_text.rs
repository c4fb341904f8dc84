//! Values that are serialised as their text.

/// Implements `Serialize` by a type's `Display` and `Deserialize` by its `parse`, so that
/// stored and received values are held to the same rules.
macro_rules! text_form {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }
    };
    ($type:ty) => {
        $crate::values::text_form!(impl[] $type);
    };
}

/// Implements [`text_form`], and `JsonSchema` by the type's shape.
macro_rules! serde_as_text {
    (impl[$($generics:tt)*] $type:ty) => {
        $crate::values::text_form!(impl[$($generics)*] $type);
        $crate::values::schema_of_shape!(impl[$($generics)*] $type);
    };
    ($type:ty) => {
        $crate::values::serde_as_text!(impl[] $type);
    };
}

/// Implements `Serialize` by a type's `Display` and `Deserialize` by its `stored`, for texts whose
/// rules have become stricter than they were when some of them were stored.
macro_rules! stored_text {
    (impl[$($generics:tt)*] $type:ty) => {
        impl<$($generics)*> serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de, $($generics)*> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                <String as serde::Deserialize>::deserialize(deserializer).map(Self::stored)
            }
        }
    };
}

pub(crate) use {serde_as_text, stored_text, text_form};
