//! The fields of a body, noted by the code that reads them.

use std::ops::RangeInclusive;

use domain::Shape;

/// The fields of an object, in the order in which they are read.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Each of them.
    pub fields: Vec<Field>,
    /// Of these it holds one at least, if there are any.
    pub some_of: Vec<&'static str>,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    /// Whether it must be there.
    pub is_required: bool,
    pub content: Content,
}

/// The content of a field.
#[derive(Clone, Debug)]
pub enum Content {
    /// A text or a number.
    Value(Shape),
    /// The word that says what kind of object this is.
    Tag(String),
    /// Free pairs of text: [`Metadata`](domain::Metadata).
    Metadata,
    /// An object.
    Object(Form),
    /// A list of texts or numbers.
    Values {
        /// The quantity.
        length: RangeInclusive<usize>,
        shape: Shape,
    },
    /// A list of objects.
    List {
        /// The quantity.
        length: RangeInclusive<usize>,
        of: Form,
    },
}

impl Form {
    pub(super) fn note(&mut self, name: &str, is_required: bool, content: Content) {
        self.fields.push(Field { name: name.to_owned(), is_required, content });
    }
}
