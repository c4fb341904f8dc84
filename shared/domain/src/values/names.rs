//! Enums whose variants have names in bodies and in storage.

/// Declares an enum with a name for each variant, with `ALL`, `name()` and `named(name)`, and
/// with `Serialize` and `Deserialize` by name. With `as NAME: ABOUT`, where `NAME` is the
/// schema's name or `_`, the enum also has a [`Shape`](crate::Shape).
macro_rules! name_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $type:ident as $schema:tt: $about:literal { $($variants:tt)+ }
    ) => {
        name_enum! { $(#[$meta])* $vis enum $type { $($variants)+ } }

        impl $crate::Shaped for $type {
            const SHAPE: $crate::Shape = $crate::Shape {
                name: name_enum!(@schema $schema),
                about: $about,
                bounds: $crate::Bounds::OneOf(|| Self::ALL.map(Self::name).to_vec()),
            };
        }

        $crate::values::schema_of_shape!($type);
    };
    (
        $(#[$meta:meta])*
        $vis:vis enum $type:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $type {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $type {
            /// Every variant, in the order of declaration.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// Returns the variant's name in bodies and in storage.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// Returns the variant with this name, or `None`.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|it| it.name() == name)
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = <String as serde::Deserialize>::deserialize(deserializer)?;
                let unknown = || serde::de::Error::custom(format_args!("unknown name {name}"));
                Self::named(&name).ok_or_else(unknown)
            }
        }
    };
    (@schema _) => { None };
    (@schema $name:literal) => { Some($name) };
}

pub(crate) use name_enum;
